#include "pipeline/providers/catalog.h"
#include "tests/sandbox/sandbox_client.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace longtake {
namespace {

using nlohmann::json;
using test::SandboxClient;

/// DMXAPI's newer calls, as a client meets them.
class SandboxResponsesTest : public ::testing::Test {
protected:
    SandboxResponsesTest() : sandbox_(test::quick_sandbox()), client_(sandbox_, "dmxapi") { client_.use_bare_key(); }

    SandboxClient::Answer post(const json& body) { return client_.post("/v1/responses", body); }

    /// `more` is laid over a request that is accepted; null takes a field away.
    SandboxClient::Answer v3(const json& more = {})
    {
        return laid_over({{"model", "kling-v3"}, {"input", "a boat"}}, more);
    }
    SandboxClient::Answer v26(const json& more = {})
    {
        return laid_over({{"model", "kling-v2-6-text2video"}, {"input", "a boat"}}, more);
    }
    SandboxClient::Answer v26_picture(const json& more = {})
    {
        return laid_over({{"model", "kling-v2-6-image2video"},
                          {"input", "she turns"},
                          {"image", "https://example.com/a.png"},
                          {"mode", "pro"},
                          {"aspect_ratio", "16:9"},
                          {"duration", 5}},
                         more);
    }
    SandboxClient::Answer laid_over(json body, const json& more)
    {
        body.merge_patch(more.is_null() ? json::object() : more);
        return post(body);
    }

    std::size_t bills() const { return sandbox_.state()["bills"].size(); }
    double last_bill() const { return sandbox_.state()["bills"].back()["amount"]; }

    static std::string text_in(const json& response)
    {
        const json::json_pointer text("/output/0/content/0/text");
        return response.contains(text) ? response.at(text).get<std::string>() : "";
    }
    static std::string task_of(const SandboxClient::Answer& answer)
    {
        return json::parse(text_in(answer.json)).value("taskId", "");
    }

    sandbox::Sandbox sandbox_;
    SandboxClient client_;
};

TEST_F(SandboxResponsesTest, MakesV3AndTellsOfItInAText)
{
    const std::string task = task_of(v3());
    EXPECT_TRUE(task.starts_with("tsk-")) << task;
    json data = json::object();
    for (int i = 0; i < 500 && data.value("task_status", "") != "succeed"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        data = json::parse(text_in(post({{"model", "kling-v3-get-all"}, {"input", task}}).json))["data"];
    }
    EXPECT_EQ(data["task_id"], task);
    const json video = data["task_result"]["videos"][0];
    EXPECT_TRUE(video["id"].get<std::string>().starts_with("mda-"));
    EXPECT_EQ(client_.fetch(video["url"]).status, 200);
    EXPECT_EQ(bills(), 1U);
}

TEST_F(SandboxResponsesTest, MakesV26AndTellsOfItInAStream)
{
    const std::string task = v26().json["data"]["task_id"];
    const json question = {{"model", "kling-text2video-get"}, {"input", task}, {"stream", true}};
    SandboxClient::Answer answer = post(question);
    for (int i = 0; i < 500 && answer.body.find("视频链接: http") == std::string::npos; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        answer = post(question);
    }
    EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
    EXPECT_NE(answer.body.find("任务ID: " + task), std::string::npos) << answer.body;
    EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
    EXPECT_EQ(post({{"model", "kling-text2video-get"}, {"input", task}}).json["data"]["task_status"], "succeed");
    EXPECT_EQ(bills(), 1U);
}

TEST_F(SandboxResponsesTest, V26SoundsAndCostsUnlessToldNotTo)
{
    v26({{"mode", "pro"}, {"sound", "off"}});
    const double silent = last_bill();
    v26({{"mode", "pro"}});
    EXPECT_GT(last_bill(), silent);
    v3({{"mode", "pro"}, {"sound", "off"}});
    const double still = last_bill();
    v3({{"mode", "pro"}});
    EXPECT_EQ(last_bill(), still) << "V3 is silent unless told to sound";
}

TEST_F(SandboxResponsesTest, TakesWhatThePagesHave)
{
    const std::string picture = test::base64_of(test::photo_bytes("coffee.png"));
    const json shots =
        json::parse(R"([{"index":1,"prompt":"a","duration":"2"},{"index":2,"prompt":"b","duration":"3"}])");
    for (const json& more : std::vector<json>{
             {{"negative_prompt", "rain"},
              {"mode", "4k"},
              {"sound", "on"},
              {"aspect_ratio", "9:16"},
              {"duration", "15"},
              {"cfg_scale", 1},
              {"watermark_info", {{"enabled", true}}}},
             {{"image", picture}, {"image_tail", picture}, {"duration", "3"}},
             {{"multi_shot", true}, {"shot_type", "customize"}, {"multi_prompt", shots}, {"duration", "5"}},
             {{"multi_shot", true}, {"shot_type", "customize"}, {"input", shots}, {"image", picture}},
             {{"multi_shot", true}, {"shot_type", "intelligence"}},
             {{"element_list", {{{"element_id", 149}}}}}}) {
        EXPECT_EQ(v3(more).status, 200) << more.dump().substr(0, 200);
    }
    EXPECT_EQ(v26({{"negative_prompt", ""},
                   {"mode", "pro"},
                   {"sound", "on"},
                   {"aspect_ratio", "1:1"},
                   {"duration", 10},
                   {"callback_url", "https://example.com/done"}})
                  .status,
              200);
    EXPECT_EQ(v26_picture({{"image_tail", ""}, {"sound", "on"}, {"voice_list", {{{"voiceId", "v"}}}}}).status, 200);
    EXPECT_EQ(v26_picture({{"image_tail", "https://example.com/b.png"}, {"sound", "off"}}).status, 200);
}

TEST_F(SandboxResponsesTest, RefusesWhatThePagesDoNotHave)
{
    const std::string picture = test::base64_of(test::photo_bytes("coffee.png"));
    const json shots =
        json::parse(R"([{"index":1,"prompt":"a","duration":"2"},{"index":2,"prompt":"b","duration":"3"}])");
    for (const json& more : std::vector<json>{
             {{"input", nullptr}},
             {{"input", ""}},
             {{"duration", 5}},
             {{"duration", "2"}},
             {{"duration", "16"}},
             {{"mode", "max"}},
             {{"sound", true}},
             {{"cfg_scale", 1.5}},
             {{"cfg_scale", "0.5"}},
             {{"aspect_ratio", "21:9"}},
             {{"prompt", "a boat"}},
             {{"stream", true}},
             {{"callback_url", "https://example.com/x"}},
             {{"external_task_id", "x"}},
             {{"voice_list", {{{"voice_id", "v"}}}}},
             {{"camera_control", {{"type", "simple"}}}},
             {{"image", "data:image/png;base64," + picture}},
             {{"image", picture}, {"aspect_ratio", "16:9"}},
             {{"image_tail", picture}},
             {{"watermark_info", true}},
             {{"multi_shot", true}},
             {{"multi_prompt", shots}},
             {{"multi_shot", true}, {"shot_type", "customize"}},
             {{"multi_shot", true}, {"shot_type", "customize"}, {"multi_prompt", shots}, {"duration", "6"}},
             {{"multi_shot", true}, {"shot_type", "customize"}, {"multi_prompt", shots}, {"image", picture}}}) {
        const auto answer = v3(more);
        EXPECT_EQ(answer.status, 400) << more.dump().substr(0, 200);
        EXPECT_EQ(answer.json["error"]["code"], "dmxapi_kling_error_1201") << answer.body;
    }
    for (const json& more : std::vector<json>{{{"input", nullptr}},
                                              {{"duration", "5"}},
                                              {{"duration", 7}},
                                              {{"mode", "4k"}},
                                              {{"sound", false}},
                                              {{"cfg_scale", 0.5}},
                                              {{"image", "https://example.com/a.png"}},
                                              {{"watermark_info", {{"enabled", true}}}},
                                              {{"multi_shot", false}}}) {
        EXPECT_EQ(v26(more).status, 400) << more.dump();
    }
    for (const json& more : std::vector<json>{{{"image", picture}},
                                              {{"image", nullptr}},
                                              {{"mode", "std"}},
                                              {{"aspect_ratio", nullptr}},
                                              {{"image_tail", "https://example.com/b.png"}, {"sound", "on"}}}) {
        EXPECT_EQ(v26_picture(more).status, 400) << more.dump().substr(0, 200);
    }
    EXPECT_EQ(post({{"model", "kling-v3-video-generation"}, {"input", "a boat"}}).status, 404);
    EXPECT_EQ(post({{"input", "a boat"}}).status, 404);
    EXPECT_EQ(bills(), 0U);
}

TEST_F(SandboxResponsesTest, TheKeyStandsAloneHereAndWithBearerElsewhere)
{
    SandboxClient bearer(sandbox_, "dmxapi");
    const json v1 = {{"model_name", "kling-v1-6"}, {"prompt", "a boat"}};
    EXPECT_EQ(bearer.post("/v1/responses", {{"model", "kling-v3"}, {"input", "a boat"}}).status, 401);
    EXPECT_EQ(client_.post("/kling/v1/videos/text2video", v1).status, 401);
    EXPECT_EQ(bearer.post("/kling/v1/videos/text2video", v1).status, 200);
    client_.use_key("sk-somebody");
    const auto answer = v3();
    EXPECT_EQ(answer.status, 401);
    EXPECT_TRUE(answer.json.contains("error")) << answer.body;
    EXPECT_EQ(bills(), 1U);
}

TEST_F(SandboxResponsesTest, TheOlderCallsDoNotKnowTheNewerModels)
{
    SandboxClient bearer(sandbox_, "dmxapi");
    for (const char* model : {"kling-v3", "kling-v2-6"}) {
        EXPECT_EQ(bearer.post("/kling/v1/videos/text2video", {{"model_name", model}, {"prompt", "a boat"}}).code(),
                  1203);
    }
}

TEST_F(SandboxResponsesTest, AQuestionIsAboutATaskOfItsOwnKindAndAccount)
{
    const std::string v3_task = task_of(v3());
    const std::string v26_task = v26().json["data"]["task_id"];
    const auto asked = [&](const char* query, const std::string& task) {
        return post({{"model", query}, {"input", task}}).status;
    };
    EXPECT_EQ(asked("kling-v3-get-all", v3_task), 200);
    EXPECT_EQ(asked("kling-text2video-get", v26_task), 200);
    EXPECT_EQ(asked("kling-v3-get-all", v26_task), 404);
    EXPECT_EQ(asked("kling-v3-get-all", v3_task.substr(4)), 404);
    EXPECT_EQ(asked("kling-text2video-get", v3_task), 404);
    EXPECT_EQ(asked("kling-image2video-get", v26_task), 404);
    EXPECT_EQ(asked("kling-v3-get-all", ""), 400);
    EXPECT_EQ(post({{"model", "kling-v3-get-all"}, {"input", v3_task}, {"mode", "std"}}).status, 400);
    client_.use_key("sandbox-dmxapi-other");
    EXPECT_EQ(asked("kling-v3-get-all", v3_task), 404);
    EXPECT_EQ(bills(), 2U);
}

/// What went wrong for others: one address submits and answers, and 27 polls were 27 paid takes.
TEST_F(SandboxResponsesTest, AThousandPollsWithFaultsBillNothing)
{
    const ModelCatalog catalog = load_models(test::quick_sandbox().preset_dirs);
    ProviderSettings settings;
    settings.facts = catalog.provider("dmxapi");
    settings.keys = sandbox_.keys();
    settings.base_url = sandbox_.base_url("dmxapi");
    const auto provider = make_provider("dmxapi", settings);
    const std::vector<std::string> faults = {"stuck",     "gone",        "poll-429",         "poll-500", "poll-404",
                                             "poll-drop", "poll-html",   "poll-202",         "poll-204", "poll-missing",
                                             "odd-word",  "fail-unsaid", "poll-retry-after", "poll-503", "no-address",
                                             "withheld",  "odd-failure"};
    std::vector<Job> jobs;
    for (const char* model : {"kling-v3", "kling-v2-6"}) {
        for (const std::string& fault : faults) {
            TakeRequest request;
            request.shot = "boat";
            request.model = model;
            request.take.seconds = 5;
            request.take.prompt = "a boat";
            sandbox_.order_fault(fault);
            jobs.push_back(std::get<Accepted>(provider->submit(request, {})).job);
        }
    }
    jobs.push_back({"responses/kling-v3-get-all/tsk-of-nobody"});
    for (int i = 0; i < 1000; ++i) {
        (void)provider->poll(jobs[static_cast<std::size_t>(i) % jobs.size()], {});
    }
    const json state = sandbox_.state();
    EXPECT_EQ(state["bills"].size(), 2 * faults.size());
    EXPECT_EQ(state["submits"], 2 * faults.size());
    EXPECT_EQ(state["requests"]["dmxapi"]["submit responses"], 2 * faults.size());
    EXPECT_GE(state["requests"]["dmxapi"]["poll"], 1000);
    EXPECT_EQ(state["requests"]["dmxapi"].size(), 2U) << state["requests"].dump();
}

} // namespace
} // namespace longtake
