#include "tests/sandbox/sandbox_client.h"

#include <gtest/gtest.h>

#include <functional>

namespace longtake {
namespace {

using nlohmann::json;
using Answer = test::SandboxClient::Answer;

/// How one dialect asks for a take, looks at it, and says what became of it.
struct Tongue {
    const char* name;
    const char* provider;
    std::function<Answer(test::SandboxClient&)> submit;
    const char* id;            ///< JSON pointer into the answer to a submit
    std::string before, after; ///< the path of a look, around the id
    const char* word;          ///< JSON pointer into a look, as the next
    const char* address;
    std::string done;
    std::string failed;
    std::function<bool(const Answer&)> missing;
    std::string charged; ///< JSON pointer; empty: never said
};

Answer submit_official(test::SandboxClient& client, const std::string& prefix)
{
    return client.post(prefix + "/v1/videos/text2video", {{"prompt", "a boat"}});
}

bool is_1203(const Answer& answer)
{
    return answer.status == 404 && answer.code() == 1203;
}

const std::vector<Tongue>& tongues()
{
    static const std::vector<Tongue> k_tongues = {
        {"kling", "kling", [](auto& client) { return submit_official(client, ""); }, "/data/task_id",
         "/v1/videos/text2video/", "", "/data/task_status", "/data/task_result/videos/0/url", "succeed", "failed",
         is_1203, "/data/final_unit_deduction"},
        {"tasks", "kling",
         [](auto& client) {
             return client.post("/text-to-video/kling-3.0-turbo", {{"prompt", "a boat"}});
         },
         "/data/id", "/tasks?task_ids=", "", "/data/0/status", "/data/0/outputs/0/url", "succeeded", "failed",
         [](const Answer& answer) { return answer.code() == 0 && answer.json["data"] == json::array(); },
         "/data/0/billing/0/amount"},
        {"newapi", "newapi", [](auto& client) { return submit_official(client, "/kling"); }, "/task_id",
         "/kling/v1/videos/text2video/", "", "/data/status", "/data/result_url", "SUCCESS", "FAILURE",
         [](const Answer& answer) { return answer.status == 400 && answer.json["code"] == "task_not_exist"; }, ""},
        {"dmxapi", "dmxapi", [](auto& client) { return submit_official(client, "/kling"); }, "/data/task_id",
         "/kling/v1/videos/text2video/", "", "/data/task_status", "/data/task_result/videos/0/url", "succeed", "failed",
         is_1203, "/data/final_unit_deduction"},
        {"wavespeed", "wavespeed",
         [](auto& client) {
             return client.post("/api/v3/kwaivgi/kling-v1.6-t2v-standard", {{"prompt", "a boat"}});
         },
         "/data/id", "/api/v3/predictions/", "/result", "/data/status", "/data/outputs/0", "completed", "failed",
         [](const Answer& answer) { return answer.status == 404 && answer.code() == 404; }, ""},
        {"302ai", "302ai",
         [](auto& client) {
             return client.post_form("/klingai/m2v_16_txt2video_5s", {{"prompt", "a boat", "", ""}});
         },
         "/data/task/id", "/klingai/task/", "/fetch?geo=global", "/data/status", "/data/works/0/resource/resource",
         "99", "9",
         [](const Answer& answer) { return answer.status == 404 && answer.json["error"]["err_code"] == -10010; }, ""},
    };
    return k_tongues;
}

/// What a JSON pointer leads to, as text; empty: nothing there.
std::string told(const json& body, const std::string& pointer)
{
    const json::json_pointer at(pointer);
    if (!body.contains(at)) {
        return "";
    }
    return body.at(at).is_string() ? body.at(at).get<std::string>() : body.at(at).dump();
}

class SandboxLooksTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { sandbox_ = new sandbox::Sandbox(test::quick_sandbox()); }
    static void TearDownTestSuite() { delete std::exchange(sandbox_, nullptr); }

    SandboxLooksTest() { sandbox_->reset(); }

    /// Runs `check` over each dialect, with a take submitted under `fault`.
    template <class Check>
    static void for_each_tongue(const std::string& fault, const Check& check)
    {
        for (const Tongue& tongue : tongues()) {
            SCOPED_TRACE(fault + " " + tongue.name);
            sandbox_->reset();
            sandbox_->order_fault(fault);
            test::SandboxClient client(*sandbox_, tongue.provider);
            const Answer made = tongue.submit(client);
            const std::string id = told(made.json, tongue.id);
            ASSERT_FALSE(id.empty()) << made.status << " " << made.body;
            ASSERT_EQ(sandbox_->state()["bills"].size(), 1U);
            check(tongue, client, tongue.before + id + tongue.after);
        }
    }

    /// Looks until the answer's word is `word`; a discarded JSON where it never is.
    static json look_until(test::SandboxClient& client, const Tongue& tongue, const std::string& path,
                           const std::string& word)
    {
        return client.wait_for(path, [&](const json& body) { return told(body, tongue.word) == word; }).json;
    }

    static json wait_for_render(test::SandboxClient& client, const Tongue& tongue, const std::string& path)
    {
        return client.wait_for(path, [&](const json& body) { return !told(body, tongue.address).empty(); }).json;
    }

    static inline sandbox::Sandbox* sandbox_ = nullptr;
};

TEST_F(SandboxLooksTest, TwoLooksFindNothingOnACopyThatLags)
{
    for_each_tongue("poll-missing", [](const Tongue& tongue, test::SandboxClient& client, const std::string& path) {
        for (int i = 0; i < 2; ++i) {
            const Answer answer = client.get(path);
            EXPECT_TRUE(tongue.missing(answer)) << answer.status << " " << answer.body;
        }
        EXPECT_EQ(told(look_until(client, tongue, path, tongue.done), tongue.word), tongue.done);
        EXPECT_EQ(sandbox_->state()["tasks"][0]["looks"].get<int>() >= 3, true);
    });
}

TEST_F(SandboxLooksTest, ATaskThatIsGoneIsBilledAllTheSame)
{
    for_each_tongue("gone", [](const Tongue& tongue, test::SandboxClient& client, const std::string& path) {
        for (int i = 0; i < 4; ++i) {
            const Answer answer = client.get(path);
            EXPECT_TRUE(tongue.missing(answer)) << answer.status << " " << answer.body;
        }
        EXPECT_EQ(sandbox_->state()["bills"][0]["returned"], false);
    });
}

TEST_F(SandboxLooksTest, FailuresSayTheChargeAsEachServiceDoes)
{
    struct Row {
        const char* fault;
        bool returned;
        bool said;
        const char* number_302;
    };
    for (const Row& row : {Row{"fail-task", false, true, "9"}, Row{"fail-task-free", true, true, "50"},
                           Row{"fail-unsaid", false, false, "9"}}) {
        for_each_tongue(row.fault, [&](const Tongue& tongue, test::SandboxClient& client, const std::string& path) {
            const std::string word = tongue.provider == std::string("302ai") ? row.number_302 : tongue.failed;
            const json body = look_until(client, tongue, path, word);
            EXPECT_EQ(told(body, tongue.word), word) << body;
            if (!tongue.charged.empty()) {
                const std::string charge = told(body, tongue.charged);
                EXPECT_EQ(!charge.empty(), row.said) << body;
                EXPECT_EQ(row.said && std::stod(charge) == 0, row.returned) << body;
            }
            EXPECT_EQ(sandbox_->state()["bills"][0]["returned"], row.returned);
        });
    }
}

TEST_F(SandboxLooksTest, StatesNobodyDocumented)
{
    for_each_tongue("odd-failure", [](const Tongue& tongue, test::SandboxClient& client, const std::string& path) {
        const std::string word = tongue.provider == std::string("302ai") ? "-1" : "aborted";
        EXPECT_EQ(told(look_until(client, tongue, path, word), tongue.word), word);
    });
    for_each_tongue("address-early", [](const Tongue& tongue, test::SandboxClient& client, const std::string& path) {
        const json body = wait_for_render(client, tongue, path);
        EXPECT_EQ(told(body, tongue.word), tongue.provider == std::string("302ai") ? "7" : "gpu_warming") << body;
        EXPECT_EQ(client.fetch(told(body, tongue.address)).status, 200);
    });
}

TEST_F(SandboxLooksTest, AnOddWordWhileItRuns)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.take_seconds = 3600;
    const sandbox::Sandbox slow(settings);
    for (const Tongue& tongue : tongues()) {
        SCOPED_TRACE(tongue.name);
        test::SandboxClient client(slow, tongue.provider);
        const_cast<sandbox::Sandbox&>(slow).order_fault("odd-word");
        const std::string id = told(tongue.submit(client).json, tongue.id);
        const json body = client.get(tongue.before + id + tongue.after).json;
        EXPECT_EQ(told(body, tongue.word), tongue.provider == std::string("302ai") ? "7" : "gpu_warming") << body;
    }
}

TEST_F(SandboxLooksTest, FinishedWithoutAnAddress)
{
    for (const char* fault : {"no-address", "withheld"}) {
        for_each_tongue(fault, [&](const Tongue& tongue, test::SandboxClient& client, const std::string& path) {
            const json body = look_until(client, tongue, path, tongue.done);
            EXPECT_EQ(told(body, tongue.word), tongue.done) << body;
            EXPECT_EQ(told(body, tongue.address), "");
            if (tongue.provider == std::string("wavespeed")) {
                EXPECT_EQ(body["data"]["outputs"], json::array());
                EXPECT_EQ(body["data"]["has_nsfw_contents"],
                          fault == std::string("withheld") ? json::array({true}) : json::array());
            }
        });
    }
}

TEST_F(SandboxLooksTest, LooksThatComeToNothingTwice)
{
    struct Row {
        const char* fault;
        int status;
        const char* retry_after;
    };
    for (const Row& row : {Row{"poll-202", 202, ""}, Row{"poll-204", 204, ""}, Row{"poll-retry-after", 429, "1"}}) {
        for_each_tongue(row.fault, [&](const Tongue& tongue, test::SandboxClient& client, const std::string& path) {
            for (int i = 0; i < 2; ++i) {
                const Answer answer = client.get(path);
                EXPECT_EQ(answer.status, row.status);
                EXPECT_EQ(answer.header("Retry-After"), row.retry_after);
                EXPECT_EQ(answer.json.is_object(), answer.status == 429) << answer.body; // in the service's words
            }
            EXPECT_EQ(told(look_until(client, tongue, path, tongue.done), tongue.word), tongue.done);
        });
    }
}

TEST_F(SandboxLooksTest, SubmitsToldToWaitMakeNothing)
{
    for (const Tongue& tongue : tongues()) {
        SCOPED_TRACE(tongue.name);
        sandbox_->reset();
        sandbox_->order_fault("retry-after:1");
        sandbox_->order_fault("retry-after-date:2");
        test::SandboxClient client(*sandbox_, tongue.provider);
        const Answer seconds = tongue.submit(client);
        EXPECT_EQ(seconds.status, 429);
        EXPECT_EQ(seconds.header("Retry-After"), "2");
        EXPECT_TRUE(seconds.json.is_object()) << seconds.body;
        const Answer date = tongue.submit(client);
        EXPECT_EQ(date.status, 429);
        EXPECT_TRUE(date.header("Retry-After").ends_with(" GMT")) << date.header("Retry-After");
        EXPECT_EQ(sandbox_->state()["bills"].size(), 0U);
        EXPECT_EQ(tongue.submit(client).status, 200);
    }
}

TEST_F(SandboxLooksTest, AnAddressMayBePadded)
{
    for_each_tongue("padded-url", [](const Tongue& tongue, test::SandboxClient& client, const std::string& path) {
        const std::string url = told(wait_for_render(client, tongue, path), tongue.address);
        EXPECT_TRUE(url.starts_with("  \nhttp://") && url.ends_with("\n  ")) << url;
    });
}

TEST_F(SandboxLooksTest, AGatewayServesFootageItselfToItsKey)
{
    for (const char* fault : {"gateway-file", "gateway-only"}) {
        sandbox_->reset();
        sandbox_->order_fault(fault);
        test::SandboxClient client(*sandbox_, "newapi");
        const Tongue& tongue = tongues()[2];
        const std::string id = told(tongue.submit(client).json, tongue.id);
        const json body = look_until(client, tongue, tongue.before + id, "SUCCESS");
        const std::string own = sandbox_->base_url("newapi") + "/v1/videos/" + id + "/content";
        EXPECT_EQ(told(body, tongue.address), fault == std::string("gateway-file") ? own : "");
        EXPECT_EQ(body.dump().find("/files/"), std::string::npos);
        EXPECT_EQ(client.fetch(own).status, 401);
        const Answer film = client.get("/v1/videos/" + id + "/content");
        EXPECT_EQ(film.status, 200);
        EXPECT_EQ(film.body.substr(4, 4), "ftyp");
        EXPECT_EQ(client.get("/v1/videos/task_1/content").status, 404);
    }
}

class SandboxOwnIdsTest : public ::testing::Test {
protected:
    sandbox::Sandbox sandbox_{test::quick_sandbox()};
    test::SandboxClient kling_{sandbox_, "kling"};
    const json legacy_ = {{"prompt", "a boat"}, {"external_task_id", "film-1"}};
    const json newer_ = {{"prompt", "a boat"}, {"options", {{"external_task_id", "film-2"}}}};
};

TEST_F(SandboxOwnIdsTest, LooksByThemMayLag)
{
    for (const char* fault : {"search-missing", "poll-missing", "gone"}) {
        sandbox_.reset();
        sandbox_.order_fault(std::string(fault) + ":1-2");
        kling_.post("/v1/videos/text2video", legacy_);
        kling_.post("/text-to-video/kling-3.0-turbo", newer_);
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(kling_.get("/v1/videos/text2video/film-1").code(), 1203) << fault;
            EXPECT_EQ(kling_.get("/tasks?external_task_ids=film-2").json["data"], json::array()) << fault;
        }
        const bool gone = fault == std::string("gone");
        EXPECT_EQ(kling_.get("/v1/videos/text2video/film-1").code(), gone ? 1203 : 0) << fault;
        EXPECT_EQ(kling_.get("/tasks?external_task_ids=film-2").json["data"].size(), gone ? 0U : 1U) << fault;
    }
}

TEST_F(SandboxOwnIdsTest, LooksByTheServicesIdDoNotLagWithThem)
{
    sandbox_.order_fault("search-missing");
    const std::string id = kling_.post("/v1/videos/text2video", legacy_).json["data"]["task_id"];
    EXPECT_EQ(kling_.get("/v1/videos/text2video/" + id).code(), 0);
    EXPECT_EQ(kling_.get("/v1/videos/text2video/film-1").code(), 1203);
}

TEST_F(SandboxOwnIdsTest, AnIdThatWasUsedIsRefusedForGood)
{
    EXPECT_EQ(kling_.post("/v1/videos/text2video", legacy_).code(), 0);
    EXPECT_EQ(kling_.post("/text-to-video/kling-3.0-turbo", newer_).code(), 0);
    json crossed = newer_;
    crossed["options"]["external_task_id"] = "film-1"; // one account, whichever way it is asked
    for (const auto& again :
         {kling_.post("/v1/videos/text2video", legacy_), kling_.post("/text-to-video/kling-3.0-turbo", newer_),
          kling_.post("/text-to-video/kling-3.0-turbo", crossed)}) {
        EXPECT_EQ(again.status, 400);
        EXPECT_EQ(again.code(), 1201);
        EXPECT_NE(again.json["message"].get<std::string>().find("external_task_id"), std::string::npos) << again.body;
    }
    const json video = kling_.official_result("", "text2video", "film-1")["task_result"]["videos"][0];
    const json extend = {{"video_id", video["id"]}, {"external_task_id", "film-1"}};
    EXPECT_EQ(kling_.post("/v1/videos/video-extend", extend).code(), 1201);
    EXPECT_EQ(sandbox_.state()["bills"].size(), 2U);
}

} // namespace
} // namespace longtake
