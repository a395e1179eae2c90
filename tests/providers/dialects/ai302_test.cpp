#include "pipeline/base/error.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::RemoteTakes;
using test::told;

constexpr const char* k_ai302_created =
    R"({"result":1,"status":200,"message":"","data":{"status":5,"type":"m2v_img2video","task":{"id":"kling_1a2b3c4d"},
        "works":[],"etaTime":0,"queuingEtaTime":180}})";

class Ai302Test : public ::testing::Test {
protected:
    Ai302Test() : takes_("302ai") { takes_.settings.keys = {{"API_302_KEY", "key-of-tests"}}; }

    /// The form's plain parts by name.
    std::map<std::string, std::string> texts() const
    {
        std::map<std::string, std::string> texts;
        for (const auto& [name, part] : takes_.server.last().parts) {
            if (part.filename.empty()) {
                texts[name] = part.content;
            }
        }
        return texts;
    }

    RemoteTakes takes_;
};

TEST_F(Ai302Test, SendsAFormWithThePictures)
{
    TakeRequest request = takes_.image_take();
    request.stills.image = takes_.still("start", "jpeg");
    request.stills.end_image = takes_.still("end");
    request.take.end_frame = true;
    request.settings.cfg_scale = 0.7;
    takes_.server.answer(k_ai302_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted kling_1a2b3c4d");

    const auto seen = takes_.server.last();
    EXPECT_EQ(seen.target, "/klingai/m2v_16_img2video_hq_5s");
    EXPECT_EQ(seen.header("Authorization"), "Bearer key-of-tests");
    EXPECT_EQ(seen.header("Content-Type").substr(0, 30), "multipart/form-data; boundary=");
    ASSERT_EQ(seen.parts.count("input_image"), 1U);
    EXPECT_EQ(seen.parts.find("input_image")->second.content, "start");
    EXPECT_EQ(seen.parts.find("input_image")->second.filename, "input_image.jpg");
    EXPECT_EQ(seen.parts.find("input_image")->second.content_type, "image/jpeg");
    EXPECT_EQ(seen.parts.find("tail_image")->second.content, "end");
    EXPECT_EQ(seen.parts.find("tail_image")->second.content_type, "image/png");
    EXPECT_EQ(texts(), (std::map<std::string, std::string>{{"prompt", "the woman turns toward the window"},
                                                           {"negative_prompt", ""},
                                                           {"aspect_ratio", "16:9"},
                                                           {"cfg", "0.7"},
                                                           {"enable_audio", "false"}}));
}

TEST_F(Ai302Test, PutsTheLengthIntoThePath)
{
    TakeRequest request = RemoteTakes::text_take();
    request.take.seconds = 10;
    request.settings.callback_url = "https://hooks.example.com/k";
    takes_.server.answer(k_ai302_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.last().target, "/klingai/m2v_16_txt2video_10s");
    EXPECT_EQ(texts()["callback"], "https://hooks.example.com/k");
}

TEST_F(Ai302Test, ItsNewerOperationsTakeTheFormOfTheOlderOnes)
{
    TakeRequest request = takes_.image_take();
    request.model = "kling-v2-6";
    request.settings.sound = true;
    request.stills.end_image = takes_.still("end");
    request.take.end_frame = true;
    takes_.server.answer(k_ai302_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted kling_1a2b3c4d");
    EXPECT_EQ(takes_.server.last().target, "/klingai/m2v_26_image2video_5s");
    EXPECT_EQ(takes_.server.last().parts.find("tail_image")->second.content, "end");
    EXPECT_EQ(texts(), (std::map<std::string, std::string>{{"prompt", "the woman turns toward the window"},
                                                           {"negative_prompt", ""},
                                                           {"aspect_ratio", "16:9"},
                                                           {"cfg", "0.5"},
                                                           {"enable_audio", "true"}}));

    request.model = "kling-v2-1";
    request.settings.sound = false;
    request.take.seconds = 10;
    takes_.server.answer(k_ai302_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.last().target, "/klingai/m2v_21_img2video_hq_10s");
    EXPECT_EQ(texts().count("enable_audio"), 0U); // not on its page
}

TEST_F(Ai302Test, AsksItsOmniOperationsInJson)
{
    TakeRequest request = RemoteTakes::text_take();
    request.model = "kling-video-o1";
    takes_.server.answer(k_ai302_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted kling_1a2b3c4d");
    EXPECT_EQ(takes_.server.last().target, "/klingai/m2v_omni_video");
    EXPECT_EQ(takes_.server.last().json(), json({{"prompt", "a paper boat drifts under a stone bridge, slow dolly in"},
                                                 {"duration", 5},
                                                 {"aspect_ratio", "16:9"}}));

    request.model = "kling-v3-omni";
    request.settings.mode = "pro";
    request.settings.sound = true;
    takes_.server.answer(k_ai302_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.last().target, "/klingai/m2v_omni_3_video");
    EXPECT_EQ(takes_.server.last().json(), json({{"prompt", "a paper boat drifts under a stone bridge, slow dolly in"},
                                                 {"duration", 5},
                                                 {"aspect_ratio", "16:9"},
                                                 {"mode", "pro"},
                                                 {"enable_audio", true}}));
}

TEST_F(Ai302Test, RelaysWavespeedsCallsWithItsOwnKey)
{
    TakeRequest request = RemoteTakes::text_take();
    request.model = "kling-v3";
    request.settings.mode = "pro";
    request.settings.sound = true;
    takes_.server.answer(R"({"code":200,"message":"success","data":{"id":"8f2c","status":"created","outputs":[]}})");
    EXPECT_EQ(told(takes_.submit(request)), "accepted ws/8f2c");
    EXPECT_EQ(takes_.server.last().target, "/ws/api/v3/kwaivgi/kling-v3.0-pro/text-to-video");
    EXPECT_EQ(takes_.server.last().header("Authorization"), "Bearer key-of-tests");
    EXPECT_EQ(takes_.server.last().json(), json({{"prompt", "a paper boat drifts under a stone bridge, slow dolly in"},
                                                 {"cfg_scale", 0.5},
                                                 {"duration", 5},
                                                 {"aspect_ratio", "16:9"},
                                                 {"sound", true}}));

    takes_.server.answer(
        R"({"code":200,"data":{"id":"8f2c","status":"completed","outputs":["https://f/v.mp4"],"error":""}})");
    EXPECT_EQ(told(takes_.poll("ws/8f2c")), "ready https://f/v.mp4");
    EXPECT_EQ(takes_.server.last().target, "/ws/api/v3/predictions/8f2c/result");
}

TEST_F(Ai302Test, ExtendsByItsTaskId)
{
    TakeRequest request = RemoteTakes::text_take("into the rain");
    request.take.kind = PlannedTake::Kind::extend;
    request.parent = {{"task_id", "kling_1a2b3c4d"}};
    takes_.server.answer(k_ai302_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted kling_1a2b3c4d");
    EXPECT_EQ(takes_.server.last().target, "/klingai/m2v_16_extend_video");
    EXPECT_EQ(texts(),
              (std::map<std::string, std::string>{{"prompt", "into the rain"}, {"task_id", "kling_1a2b3c4d"}}));

    request.settings.mode = "pro";
    EXPECT_THROW(takes_.submit(request), Error);
}

TEST_F(Ai302Test, ReadsItsNumbers)
{
    const std::pair<const char*, const char*> k_replies[] = {
        {k_ai302_created, "running"},
        {R"({"result":1,"data":{"status":10,"works":[]}})", "running"},
        {R"({"result":1,"data":{"status":70}})", "running status 70"},
        {R"({"result":1,"data":{"status":"99","works":[{"resource":{"resource":"https://f/v.mp4"}}]}})",
         "ready https://f/v.mp4"},
        {R"({"result":1,"data":{"status":90,"taskWorks":[{"resource":{"resource":"https://f/t.mp4"}}]}})",
         "ready https://f/t.mp4"},
        {R"({"result":1,"data":{"status":99,"works":[{"resource":{"url":"https://f/u.mp4"}}]}})",
         "ready https://f/u.mp4"},
        {R"({"result":1,"data":{"status":99,"works":[{"resource":"https://f/s.mp4"}]}})", "ready https://f/s.mp4"},
        {R"({"result":1,"data":{"status":99,"works":[]}})", "missing"},
        {R"({"result":1,"data":{"status":50,"message":"failed"}})", "refused retry free"},
        {R"({"result":1,"data":{"status":9}})", "refused retry untold"},
        {R"({"result":1,"data":{"status":-1}})", "refused retry untold"},
    };
    for (const auto& [reply, expected] : k_replies) {
        takes_.server.answer(reply);
        EXPECT_EQ(told(takes_.poll("kling_1a2b3c4d")), expected) << reply;
        EXPECT_EQ(takes_.server.last().target, "/klingai/task/kling_1a2b3c4d/fetch?geo=global");
    }
    takes_.server.answer(R"({"result":1,"message":"","data":{"status":99,"task":{"id":"kling_1a2b3c4d"},
        "works":[{"status":99,"resource":{"resource":"https://file.example.com/v.mp4","width":1280,"height":720,"duration":5100}}]}})");
    const JobState state = takes_.poll("kling_1a2b3c4d");
    EXPECT_EQ(std::get<Ready>(state).ref, json({{"task_id", "kling_1a2b3c4d"}, {"seconds", 5.1}}));
}

TEST_F(Ai302Test, RefusesWhatItHasNoCallFor)
{
    TakeRequest request = RemoteTakes::text_take();
    request.settings.camera = CameraMove{};
    EXPECT_THROW(takes_.submit(request), Error);
    request = RemoteTakes::text_take();
    request.settings.mode = "pro";
    request.settings.callback_url = "https://hooks.example.com/k";
    EXPECT_THROW(takes_.submit(request), Error);
    request = RemoteTakes::text_take();
    request.take.kind = PlannedTake::Kind::lip_sync;
    EXPECT_THROW(takes_.submit(request), Error);
    EXPECT_TRUE(takes_.server.seen().empty());
}

} // namespace
} // namespace longtake
