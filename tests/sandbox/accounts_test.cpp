#include "tests/sandbox/sandbox_client.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;

class SandboxAccountsTest : public ::testing::Test {
protected:
    void start(const sandbox::Settings& settings) { sandbox_ = std::make_unique<sandbox::Sandbox>(settings); }

    test::SandboxClient with_key(const std::string& provider, const std::string& key)
    {
        test::SandboxClient client(*sandbox_, provider);
        client.use_key(key);
        return client;
    }

    std::unique_ptr<sandbox::Sandbox> sandbox_;
    const json boat_ = {{"prompt", "a boat"}};
};

TEST_F(SandboxAccountsTest, ATaskIsThereForTheKeyThatMadeItAlone)
{
    start(test::quick_sandbox());
    struct Row {
        const char* provider;
        const char* submit;
        const char* id;
        const char* look;
        const char* after;
        int missing;
    };
    for (const Row& row :
         {Row{"kling", "/v1/videos/text2video", "/data/task_id", "/v1/videos/text2video/", "", 404},
          Row{"newapi", "/kling/v1/videos/text2video", "/task_id", "/kling/v1/videos/text2video/", "", 400},
          Row{"dmxapi", "/kling/v1/videos/text2video", "/data/task_id", "/kling/v1/videos/text2video/", "", 404},
          Row{"wavespeed", "/api/v3/kwaivgi/kling-v1.6-t2v-standard", "/data/id", "/api/v3/predictions/", "", 404},
          Row{"302ai", "/klingai/m2v_16_txt2video_5s", "/data/task/id", "/klingai/task/", "/fetch", 404}}) {
        const std::string prefix = "sandbox-" + std::string(row.provider) + "-";
        auto mine = with_key(row.provider, prefix + "mine");
        auto other = with_key(row.provider, prefix + "other");
        const auto made = row.provider == std::string("302ai")
                              ? mine.post_form(row.submit, {{"prompt", "a boat", "", ""}})
                              : mine.post(row.submit, boat_);
        const std::string path = row.look + made.json.at(json::json_pointer(row.id)).get<std::string>() + row.after;
        EXPECT_EQ(mine.get(path).status, 200) << row.provider;
        EXPECT_EQ(other.get(path).status, row.missing) << row.provider;
    }
    EXPECT_EQ(sandbox_->state()["tasks"].size(), 5U);
}

TEST_F(SandboxAccountsTest, ListsOwnIdsAndResultsAreTheAccountsOwn)
{
    start(test::quick_sandbox());
    auto mine = with_key("kling", "sandbox-kling-mine");
    auto other = with_key("kling", "sandbox-kling-other");
    json named = boat_;
    named["external_task_id"] = "film-1";
    EXPECT_EQ(mine.post("/v1/videos/text2video", named).code(), 0);
    EXPECT_EQ(mine.get("/v1/videos/text2video").json["data"].size(), 1U);
    EXPECT_EQ(other.get("/v1/videos/text2video").json["data"].size(), 0U);
    EXPECT_EQ(other.get("/v1/videos/text2video/film-1").code(), 1203);
    EXPECT_EQ(other.get("/tasks?external_task_ids=film-1").json["data"], json::array());
    const json video = mine.official_result("", "text2video", "film-1")["task_result"]["videos"][0];
    EXPECT_EQ(other.post("/v1/videos/video-extend", {{"video_id", video["id"]}}).code(), 1203);
    EXPECT_EQ(mine.post("/v1/videos/video-extend", {{"video_id", video["id"]}}).code(), 0);
    EXPECT_EQ(other.post("/v1/videos/text2video", named).code(), 0); // the id is free in another account
    EXPECT_EQ(mine.post("/v1/videos/text2video", named).code(), 1201);
}

TEST_F(SandboxAccountsTest, SlotsRateAndBalanceAreTheAccountsOwn)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.take_seconds = 3600;
    settings.slots = 1;
    settings.balance = 0.14;
    start(settings);
    auto mine = with_key("kling", "sandbox-kling-mine");
    auto other = with_key("kling", "sandbox-kling-other");
    EXPECT_EQ(mine.post("/v1/videos/text2video", boat_).code(), 0);
    EXPECT_EQ(mine.post("/v1/videos/text2video", boat_).code(), 1303);
    EXPECT_EQ(other.post("/v1/videos/text2video", boat_).code(), 0);
    const json state = sandbox_->state();
    EXPECT_EQ(state["bills"].size(), 2U);
    EXPECT_NE(state["tasks"][0]["account"], state["tasks"][1]["account"]);
    EXPECT_EQ(state["bills"][0]["account"], state["tasks"][0]["account"]);
    EXPECT_EQ(state.dump().find("sandbox-kling-mine"), std::string::npos);
}

TEST_F(SandboxAccountsTest, ThePairAndTheKeyThatAreShownAreOneAccount)
{
    start(test::quick_sandbox());
    const auto keys = sandbox_->keys();
    const long now = std::time(nullptr);
    auto by_token = with_key(
        "kling", test::signed_token(keys.at("KLING_ACCESS_KEY"), keys.at("KLING_SECRET_KEY"), now + 1800, now - 5));
    auto by_key = with_key("kling", keys.at("KLING_API_KEY"));
    const std::string id = by_token.post("/v1/videos/text2video", boat_).json["data"]["task_id"];
    EXPECT_EQ(by_key.get("/v1/videos/text2video/" + id).code(), 0);
}

TEST_F(SandboxAccountsTest, AGatewaysFootageIsForTheKeyThatMadeIt)
{
    start(test::quick_sandbox());
    sandbox_->order_fault("gateway-only");
    auto mine = with_key("newapi", "sandbox-newapi-mine");
    auto other = with_key("newapi", "sandbox-newapi-other");
    const std::string id = mine.post("/kling/v1/videos/text2video", boat_).json["task_id"];
    mine.wait_for("/kling/v1/videos/text2video/" + id,
                  [](const json& body) { return body["data"]["status"] == "SUCCESS"; });
    EXPECT_EQ(mine.get("/v1/videos/" + id + "/content").status, 200);
    EXPECT_EQ(other.get("/v1/videos/" + id + "/content").status, 404);
}

} // namespace
} // namespace longtake
