#include "pipeline/sandbox/sandbox.h"

#include "tests/sandbox/sandbox_client.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

namespace longtake {
namespace {

using nlohmann::json;

/// One sandbox for all requests that are refused before anything is rendered, and the good ones they are made from.
class SandboxRequestsTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { sandbox_ = new sandbox::Sandbox(test::quick_sandbox()); }
    static void TearDownTestSuite() { delete std::exchange(sandbox_, nullptr); }

    /// The code of a good request with `patch` merged over it.
    int code(const std::string& kind, const json& good, const json& patch)
    {
        json request = good;
        if (!patch.is_null()) {
            request.merge_patch(patch);
        }
        const auto answer = kling_.post("/v1/videos/" + kind, request);
        said_ = answer.body;
        return answer.code();
    }

    static std::string picture(int width, int height, const std::string& type = ".png")
    {
        std::vector<unsigned char> bytes;
        cv::imencode(type, cv::Mat(height, width, CV_8UC3, cv::Scalar(40, 90, 200)), bytes);
        return test::base64_of({bytes.begin(), bytes.end()});
    }

    static inline sandbox::Sandbox* sandbox_ = nullptr;
    test::SandboxClient kling_{*sandbox_, "kling"};
    std::string said_;
    const json image_ = {{"model_name", "kling-v1-6"},
                         {"image", picture(400, 300)},
                         {"prompt", "she turns"},
                         {"mode", "pro"},
                         {"duration", "5"},
                         {"cfg_scale", 0.5}};
    const json text_ = {{"model_name", "kling-v1-6"},
                        {"prompt", "a paper boat drifts under a stone bridge, slow dolly in"},
                        {"negative_prompt", "text, watermark"},
                        {"cfg_scale", 0.5},
                        {"mode", "std"},
                        {"aspect_ratio", "16:9"},
                        {"duration", "5"}};
    const json parts_ = {{"model_name", "kling-v3"},
                         {"multi_shot", true},
                         {"shot_type", "customize"},
                         {"mode", "pro"},
                         {"aspect_ratio", "16:9"},
                         {"duration", "8"},
                         {"sound", "on"},
                         {"multi_prompt",
                          {{{"index", 1}, {"prompt", "wide: a lighthouse at dusk"}, {"duration", "3"}},
                           {{"index", 2}, {"prompt", "close: the keeper lights the lamp"}, {"duration", "5"}}}}};
    const json brush_ = {{"model_name", "kling-v1"},
                         {"mode", "std"},
                         {"duration", "5"},
                         {"image", "https://assets.example.com/a.png"},
                         {"static_mask", "https://assets.example.com/still.png"},
                         {"dynamic_masks",
                          {{{"mask", "https://assets.example.com/ball.png"},
                            {"trajectories", {{{"x", 120}, {"y", 80}}, {{"x", 260}, {"y", 140}}}}}}}};
    const json camera_ = {{"model_name", "kling-v1"},
                          {"prompt", "a boat"},
                          {"camera_control", {{"type", "simple"}, {"config", {{"zoom", -4}, {"pan", 0}}}}}};
};

TEST_F(SandboxRequestsTest, GoodRequestsAreTaken)
{
    EXPECT_EQ(code("image2video", image_, {}), 0) << said_;
    EXPECT_EQ(code("image2video", image_, {{"image", picture(300, 750, ".jpg")}}), 0) << said_;
    EXPECT_EQ(code("image2video", image_, {{"image_tail", "https://assets.example.com/end.png"}}), 0) << said_;
    EXPECT_EQ(code("image2video", image_, {{"image_tail", image_["image"]}, {"image", nullptr}}), 0) << said_;
    EXPECT_EQ(code("image2video", brush_, {}), 0) << said_;
    EXPECT_EQ(code("text2video", text_, {{"watermark_info", {{"enabled", true}}}, {"callback_url", ""}}), 0) << said_;
    EXPECT_EQ(code("text2video", parts_, {}), 0) << said_;
    EXPECT_EQ(code("text2video", parts_, {{"voice_list", {{{"voice_id", "a"}}}}}), 0) << said_;
    EXPECT_EQ(code("text2video", camera_, {}), 0) << said_;
    EXPECT_EQ(code("text2video", camera_, {{"camera_control", {{"type", "forward_up"}, {"config", nullptr}}}}), 0)
        << said_;
    EXPECT_EQ(code("multi-image2video",
                   {{"image_list", {{{"image", image_["image"]}}, {{"image", image_["image"]}}}}, {"prompt", "both"}},
                   {}),
              0)
        << said_;
    EXPECT_EQ(code("effects",
                   {{"effect_scene", "kiss_pro"}, {"input", {{"images", {image_["image"], image_["image"]}}}}}, {}),
              0)
        << said_;
    EXPECT_EQ(code("lip-sync",
                   {{"input",
                     {{"video_url", "https://assets.example.com/v.mp4"},
                      {"mode", "text2video"},
                      {"text", "hello"},
                      {"voice_id", "girl"},
                      {"voice_language", "en"},
                      {"voice_speed", 1.0}}}},
                   {}),
              0)
        << said_;
}

TEST_F(SandboxRequestsTest, WhatTheReferenceRulesOutIsRefusedWithItsCode)
{
    const std::string big(7'000, 'x');
    struct Row {
        const char* kind;
        const json& good;
        json patch;
        int code = 1201;
    };
    const std::vector<Row> rows = {
        // types, ranges, words
        {"text2video", text_, {{"duration", 5}}},
        {"text2video", text_, {{"duration", "7"}}},
        {"text2video", text_, {{"duration", "5.0"}}},
        {"text2video", text_, {{"cfg_scale", 1.1}}},
        {"text2video", text_, {{"cfg_scale", "0.5"}}},
        {"text2video", text_, {{"mode", "standard"}}},
        {"text2video", text_, {{"mode", "4k"}}},
        {"text2video", text_, {{"aspect_ratio", "4:3"}}},
        {"text2video", text_, {{"prompt", nullptr}}},
        {"text2video", text_, {{"prompt", ""}}},
        {"text2video", text_, {{"prompt", std::string(2501, 'x')}}},
        {"text2video", text_, {{"negative_prompt", std::string(2501, 'x')}}},
        {"text2video", text_, {{"callback_url", "nowhere"}}},
        {"text2video", text_, {{"watermark_info", json::array()}}},
        {"text2video", text_, {{"watermark_info", {{"enabled", "yes"}}}}},
        {"text2video", text_, {{"model", "kling-v1"}}},
        {"text2video", text_, {{"image", "x"}}},
        {"text2video", text_, {{"model_name", "kling-v9"}}, 1203},
        {"text2video", text_, {{"model_name", "kling-3.0-turbo"}}, 1203}, // of API 2.0
        {"image2video", image_, {{"aspect_ratio", "16:9"}}},
        // pictures
        {"image2video", image_, {{"image", nullptr}}},
        {"image2video", image_, {{"image", ""}}},
        {"image2video", image_, {{"image", "data:image/png;base64," + image_["image"].get<std::string>()}}},
        {"image2video", image_, {{"image", image_["image"].get<std::string>() + "\n"}}},
        {"image2video", image_, {{"image", test::base64_of("no picture at all")}}},
        {"image2video", image_, {{"image", test::base64_of("\x89PNG\r\n\x1A\n and no more")}}},
        {"image2video", image_, {{"image", picture(299, 400)}}},
        {"image2video", image_, {{"image", picture(800, 310)}}},
        {"image2video", image_, {{"image", picture(310, 800)}}},
        {"image2video", image_, {{"image", picture(400, 300, ".webp")}}},
        {"image2video", image_, {{"image", test::base64_of(std::string(10'000'001, '\xFF'))}}},
        // what the capability table rules out
        {"text2video", text_, {{"model_name", "kling-v1-5"}}},
        {"text2video", text_, {{"model_name", "kling-v2-1"}}},
        {"text2video", text_, {{"model_name", "kling-v2-master"}}}, // cfg_scale
        {"text2video", text_, {{"sound", "on"}}},
        {"text2video", text_, {{"element_list", {{{"element_id", 1}}}}}},
        {"image2video", image_, {{"mode", "std"}, {"image_tail", image_["image"]}}},
        {"image2video",
         image_,
         {{"model_name", "kling-v2-master"}, {"mode", "std"}, {"cfg_scale", nullptr}, {"image_tail", image_["image"]}}},
        {"image2video",
         image_,
         {{"model_name", "kling-v2-1"}, {"cfg_scale", nullptr}, {"image", nullptr}, {"image_tail", image_["image"]}}},
        {"image2video",
         image_,
         {{"model_name", "kling-v2-6"}, {"cfg_scale", nullptr}, {"sound", "on"}, {"image_tail", image_["image"]}}},
        {"image2video", image_, {{"model_name", "kling-v1"}, {"duration", "10"}, {"image_tail", image_["image"]}}},
        // camera
        {"text2video", text_, {{"camera_control", camera_["camera_control"]}}}, // not V1.6
        {"image2video",
         image_,
         {{"model_name", "kling-v1-5"}, {"duration", "10"}, {"camera_control", camera_["camera_control"]}}},
        {"image2video", image_, {{"model_name", "kling-v1-5"}, {"camera_control", {{"type", "forward_up"}}}}},
        {"text2video", camera_, {{"duration", "10"}}},
        {"text2video", camera_, {{"mode", "pro"}}},
        {"text2video", camera_, {{"camera_control", {{"config", {{"pan", 2}}}}}}},  // two axes
        {"text2video", camera_, {{"camera_control", {{"config", {{"zoom", 0}}}}}}}, // none
        {"text2video", camera_, {{"camera_control", {{"config", {{"zoom", 11}}}}}}},
        {"text2video", camera_, {{"camera_control", {{"config", {{"dolly", 0}}}}}}},
        {"text2video", camera_, {{"camera_control", {{"config", nullptr}}}}},
        {"text2video", camera_, {{"camera_control", {{"type", "forward_up"}}}}}, // keeps its config
        {"text2video", camera_, {{"camera_control", {{"type", "orbit"}}}}},
        // motion brush
        {"image2video", brush_, {{"duration", "10"}}},
        {"image2video", brush_, {{"model_name", "kling-v1-6"}}},
        {"image2video", brush_, {{"image_tail", "https://assets.example.com/b.png"}}},
        {"image2video",
         brush_,
         {{"dynamic_masks", {{{"mask", "https://a.example/b.png"}, {"trajectories", {{{"x", 1}, {"y", 2}}}}}}}}},
        {"image2video",
         brush_,
         {{"dynamic_masks", {{{"mask", "https://a.example/b.png"}, {"trajectories", {{1, 2}, {3, 4}}}}}}},
         1200},
        {"image2video",
         brush_,
         {{"dynamic_masks", {{{"trajectories", {{{"x", 1}, {"y", 2}}, {{"x", 1}, {"y", 2}}}}}}}}},
        // several shots
        {"text2video", parts_, {{"duration", "9"}}},
        {"text2video", parts_, {{"shot_type", nullptr}}},
        {"text2video", parts_, {{"multi_prompt", nullptr}}},
        {"text2video", parts_, {{"multi_shot", false}}},
        {"text2video", parts_, {{"model_name", "kling-v2-6"}, {"duration", "10"}}},
        {"text2video", parts_, {{"multi_prompt", {{{"index", 1}, {"prompt", "p"}, {"duration", 8}}}}}},
        {"text2video", parts_, {{"multi_prompt", {{{"index", 2}, {"prompt", "p"}, {"duration", "8"}}}}}},
        {"text2video",
         parts_,
         {{"multi_prompt", {{{"index", 1}, {"prompt", std::string(513, 'x')}, {"duration", "8"}}}}}},
        {"image2video",
         parts_,
         {{"aspect_ratio", nullptr}, {"image", image_["image"]}, {"image_tail", image_["image"]}}},
        {"text2video", parts_, {{"voice_list", {{{"voice_id", "a"}}, {{"voice_id", "b"}}, {{"voice_id", "c"}}}}}},
        {"text2video", parts_, {{"sound", "off"}, {"voice_list", {{{"voice_id", "a"}}}}}},
        {"text2video", parts_, {{"element_list", {{{"element_id", 1}}}}, {"voice_list", {{{"voice_id", "a"}}}}}},
        {"text2video", parts_, {{"element_list", {{{"element_id", "1"}}}}}},
    };
    const std::size_t bills = sandbox_->state()["bills"].size();
    for (const Row& row : rows) {
        EXPECT_EQ(code(row.kind, row.good, row.patch), row.code) << row.patch.dump().substr(0, 200) << "\n"
                                                                 << said_.substr(0, 300);
    }
    EXPECT_EQ(sandbox_->state()["bills"].size(), bills);
}

TEST_F(SandboxRequestsTest, RefusalsOfTheOtherCalls)
{
    const std::string image = image_["image"];
    EXPECT_EQ(code("multi-image2video", {{"prompt", "p"}}, {}), 1201);
    EXPECT_EQ(code("multi-image2video", {{"prompt", "p"}, {"image_list", {image}}}, {}), 1200);
    EXPECT_EQ(code("multi-image2video",
                   {{"prompt", "p"}, {"model_name", "kling-v1"}, {"image_list", {{{"image", image}}}}}, {}),
              1201);
    EXPECT_EQ(code("video-extend", {{"prompt", "p"}}, {}), 1201);
    EXPECT_EQ(code("video-extend", {{"video_id", "1"}}, {}), 1203);
    EXPECT_EQ(code("effects", {{"effect_scene", "hug"}, {"input", {{"image", image}}}}, {}), 1201);
    EXPECT_EQ(code("effects", {{"effect_scene", "x"}, {"input", {{"image", image}, {"images", {image, image}}}}}, {}),
              1201);
    EXPECT_EQ(code("lip-sync", {{"input", {{"mode", "text2video"}}}}, {}), 1201);
    EXPECT_EQ(
        code("lip-sync",
             {{"input", {{"video_id", "1"}, {"mode", "audio2video"}, {"audio_type", "file"}, {"audio_file", "AA=="}}}},
             {}),
        1203);
    EXPECT_EQ(code("avatar", {}, {}), 1202);
    EXPECT_EQ(kling_.post("/v1/videos/text2video", json::array()).code(), 1200);
    EXPECT_EQ(kling_.get("/v1/videos/text2video/none").code(), 1203);
    EXPECT_EQ(kling_.get("/v1/videos/text2video?pageSize=501").code(), 1201);
    EXPECT_EQ(kling_.get("/account/costs").code(), 1201);
    EXPECT_EQ(kling_.get("/account/costs?start_time=1&end_time=2").code(), 0);
}

TEST_F(SandboxRequestsTest, OnlyResultsOfTheFirstModelsExtendAndV1TakesNoNegativePrompt)
{
    const auto video = [&](const json& request) {
        const std::string id = kling_.post("/v1/videos/text2video", request).json["data"]["task_id"];
        return kling_.official_result("", "text2video", id)["task_result"]["videos"][0]["id"];
    };
    const json second = {{"video_id", video({{"model_name", "kling-v2-master"}, {"prompt", "p"}})}};
    EXPECT_EQ(code("video-extend", second, {}), 1201);
    const json first = {{"video_id", video({{"model_name", "kling-v1"}, {"prompt", "p"}})}};
    EXPECT_EQ(code("video-extend", first, {{"negative_prompt", "blur"}}), 1201);
    EXPECT_EQ(code("video-extend", first, {{"duration", "5"}}), 1201);
    EXPECT_EQ(code("video-extend", first, {{"task_id", "1"}}), 1201);
    EXPECT_EQ(code("video-extend", first, {{"external_task_id", "ext1"}}), 0) << said_;
    EXPECT_EQ(
        code("lip-sync",
             {{"input", {{"video_id", first["video_id"]}, {"mode", "text2video"}, {"text", "hi"}, {"voice_id", "v"}}}},
             {}),
        0)
        << said_;
}

TEST_F(SandboxRequestsTest, AnOwnIdIsTakenOnce)
{
    EXPECT_EQ(code("text2video", text_, {{"external_task_id", "twice"}}), 0);
    const auto bills = sandbox_->state()["bills"].size();
    EXPECT_EQ(code("image2video", image_, {{"external_task_id", "twice"}}), 1201);
    EXPECT_EQ(sandbox_->state()["bills"].size(), bills);
    EXPECT_EQ(kling_.get("/v1/videos/text2video/twice").code(), 0);
    EXPECT_EQ(kling_.get("/v1/videos/image2video/twice").code(), 1203);
}

TEST_F(SandboxRequestsTest, MasksOfAnotherShapeFailTheTask)
{
    const std::string id = kling_
                               .post("/v1/videos/image2video",
                                     [&] {
                                         json request = brush_;
                                         request["static_mask"] = picture(400, 300);
                                         return request;
                                     }())
                               .json["data"]["task_id"];
    const json task = kling_.official_result("", "image2video", id);
    EXPECT_EQ(task["task_status"], "failed");
    EXPECT_EQ(task["final_unit_deduction"], "0");
}

TEST_F(SandboxRequestsTest, ListsPageBackwards)
{
    const std::string newest = kling_.post("/v1/videos/text2video", text_).json["data"]["task_id"];
    const auto page = kling_.get("/v1/videos/text2video?pageNum=1&pageSize=1");
    ASSERT_EQ(page.json["data"].size(), 1U);
    EXPECT_EQ(page.json["data"][0]["task_id"], newest);
}

class SandboxAccessTest : public ::testing::Test {
protected:
    static int code(sandbox::Settings settings, const std::string& credential)
    {
        const sandbox::Sandbox sandbox(settings);
        test::SandboxClient kling(sandbox, "kling");
        kling.use_key(credential);
        return kling.get("/v1/videos/text2video").code();
    }
};

TEST_F(SandboxAccessTest, TheReferencesTokenIsValidForItsAccountAndHour)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.access_key = "AK-example";
    settings.secret_key = "SK-example";
    const std::string token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                              "eyJpc3MiOiJBSy1leGFtcGxlIiwiZXhwIjoxODAwMDAxODAwLCJuYmYiOjE3OTk5OTk5OTV9."
                              "HikOzSHmIeMooYwOAU2z8sBSQZDuxZxfj0_xjGtuFFM";
    const auto at = [&](double when) {
        settings.clock = when - static_cast<double>(std::time(nullptr));
        return code(settings, token);
    };
    EXPECT_EQ(at(1'800'000'000), 0);
    EXPECT_EQ(at(1'799'999'900), 1003);
    EXPECT_EQ(at(1'800'001'801), 1004);
    settings.secret_key = "SK-other";
    EXPECT_EQ(at(1'800'000'000), 1002);
}

TEST_F(SandboxAccessTest, AnswersCarryTheServicesOwnTime)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.clock = 1'800'000'000.0 - static_cast<double>(std::time(nullptr));
    const sandbox::Sandbox sandbox(settings);
    const auto answer = test::SandboxClient(sandbox, "kling").get("/v1/videos/text2video");
    EXPECT_TRUE(answer.headers.find("Date")->second.starts_with("Fri, 15 Jan 2027 08:0")); // 1800000000, or just after
}

TEST_F(SandboxAccessTest, WrongCredentialsHaveTheirCodes)
{
    sandbox::Settings settings = test::quick_sandbox();
    settings.access_key = "AK-example";
    settings.secret_key = "SK-example";
    const long now = std::time(nullptr);
    const auto token = [&](const std::string& access, long expires, long from) {
        return test::signed_token(access, settings.secret_key, expires, from);
    };
    EXPECT_EQ(code(settings, token(settings.access_key, now + 1800, now - 5)), 0);
    EXPECT_EQ(code(settings, token("somebody", now + 1800, now - 5)), 1002);
    EXPECT_EQ(code(settings, token(settings.access_key, now - 1, now - 1800)), 1004);
    EXPECT_EQ(code(settings, token(settings.access_key, now + 1800, now + 60)), 1003);
    EXPECT_EQ(code(settings, "a.b.c"), 1002);
    EXPECT_EQ(code(settings, "sandbox-dmxapi-key"), 1002);
    EXPECT_EQ(code(settings, ""), 1001);
}

} // namespace
} // namespace longtake
