#include "pipeline/base/base64.h"
#include "pipeline/base/error.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::RemoteTakes;
using test::told;

constexpr const char* k_kling_created = R"({"code":0,"message":"SUCCEED","request_id":"5f0c3a52",
 "data":{"task_id":"867283741759111202","task_status":"submitted","task_info":{"external_task_id":"film7-shot03-take1"},
         "created_at":1774805076247,"updated_at":1774805076247}})";

class KlingTest : public ::testing::Test {
protected:
    KlingTest() : takes_("kling") { takes_.settings.keys = {{"KLING_API_KEY", "key-of-tests"}}; }

    /// The body that was sent for a request, which must be accepted.
    json sent(const TakeRequest& request)
    {
        takes_.server.answer(k_kling_created);
        EXPECT_EQ(told(takes_.submit(request)).substr(0, 9), "accepted ");
        return takes_.server.last().json();
    }

    void use_tokens()
    {
        takes_.settings.keys = {{"KLING_ACCESS_KEY", "AK-example"}, {"KLING_SECRET_KEY", "SK-example"}};
    }

    RemoteTakes takes_;
};

TEST_F(KlingTest, AsksForATakeFromTextAsTheReferenceDoes)
{
    TakeRequest request = RemoteTakes::text_take();
    request.settings.negative_prompt = "text, watermark";
    takes_.server.answer(k_kling_created);

    EXPECT_EQ(told(takes_.submit(request)), "accepted text2video/867283741759111202");

    const auto seen = takes_.server.last();
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/v1/videos/text2video");
    EXPECT_EQ(seen.header("Authorization"), "Bearer key-of-tests");
    EXPECT_EQ(seen.header("Content-Type"), "application/json");
    EXPECT_EQ(seen.json(), json::parse(R"({"model_name":"kling-v1-6",
        "prompt":"a paper boat drifts under a stone bridge, slow dolly in",
        "negative_prompt":"text, watermark","cfg_scale":0.5,"mode":"std","aspect_ratio":"16:9",
        "duration":"5","external_task_id":"film7-shot03-take1"})"));
}

TEST_F(KlingTest, AsksForATakeFromAPictureWithAnEndFrame)
{
    TakeRequest request = takes_.image_take();
    request.stills.end_image = takes_.still("end", "jpeg");
    request.take.end_frame = true;
    request.own_id = "film7-shot04-take1";

    EXPECT_EQ(sent(request), json({{"model_name", "kling-v1-6"},
                                   {"image", base64_of("start")},
                                   {"image_tail", base64_of("end")},
                                   {"prompt", "the woman turns toward the window"},
                                   {"mode", "pro"},
                                   {"duration", "5"},
                                   {"cfg_scale", 0.5},
                                   {"external_task_id", "film7-shot04-take1"}}));
    EXPECT_EQ(takes_.server.last().target, "/v1/videos/image2video");
}

TEST_F(KlingTest, LeavesTheEndFrameToTheTakeThatArrives)
{
    TakeRequest request = takes_.image_take();
    request.stills.end_image = takes_.still("end");
    EXPECT_FALSE(sent(request).contains("image_tail"));
}

TEST_F(KlingTest, PaintsTheMotionBrush)
{
    TakeRequest request = takes_.image_take("");
    request.model = "kling-v1";
    request.settings.mode = "std";
    request.own_id.clear();
    request.stills.static_mask = takes_.still("still");
    request.stills.dynamic_masks = {takes_.still("ball")};
    request.trajectories = {{"ball.png", {{120, 80}, {260, 140}, {410, 300}}}};

    EXPECT_EQ(
        sent(request),
        json({{"model_name", "kling-v1"},
              {"mode", "std"},
              {"duration", "5"},
              {"cfg_scale", 0.5},
              {"image", base64_of("start")},
              {"static_mask", base64_of("still")},
              {"dynamic_masks",
               {{{"mask", base64_of("ball")},
                 {"trajectories", {{{"x", 120}, {"y", 80}}, {{"x", 260}, {"y", 140}}, {{"x", 410}, {"y", 300}}}}}}}}));
}

TEST_F(KlingTest, MovesTheCamera)
{
    TakeRequest request = RemoteTakes::text_take();
    request.settings.camera = CameraMove{};
    request.settings.camera->zoom = -4;
    EXPECT_EQ(sent(request)["camera_control"], json::parse(R"({"type":"simple",
                              "config":{"horizontal":0,"vertical":0,"pan":0,"tilt":0,"roll":0,"zoom":-4}})"));

    request.settings.camera = CameraMove{};
    request.settings.camera->type = "down_back";
    EXPECT_EQ(sent(request)["camera_control"], json({{"type", "down_back"}}));
}

TEST_F(KlingTest, AsksForSeveralShotsInOneTake)
{
    TakeRequest request = RemoteTakes::text_take("not used");
    request.model = "kling-v3";
    request.settings.mode = "pro";
    request.settings.sound = true;
    request.take.seconds = 8;
    request.own_id = "film7-seq1-take1";
    request.multi_shot = {{"wide: a lighthouse at dusk", 3}, {"close: the keeper lights the lamp", 5}};

    EXPECT_EQ(sent(request), json::parse(R"({"model_name":"kling-v3","multi_shot":true,"shot_type":"customize",
        "mode":"pro","aspect_ratio":"16:9","duration":"8","sound":"on",
        "multi_prompt":[{"index":1,"prompt":"wide: a lighthouse at dusk","duration":"3"},
                        {"index":2,"prompt":"close: the keeper lights the lamp","duration":"5"}],
        "external_task_id":"film7-seq1-take1"})"));
}

TEST_F(KlingTest, PassesOnVoicesWatermarkAndCallback)
{
    TakeRequest request = takes_.image_take("<<<voice_1>>> says hello");
    request.model = "kling-v2-6";
    request.settings.sound = true;
    request.settings.voices = {"829824"};
    request.settings.watermark = true;
    request.settings.callback_url = "https://hooks.example.com/k";
    const json body = sent(request);
    EXPECT_EQ(body["sound"], "on");
    EXPECT_EQ(body["voice_list"], json::parse(R"([{"voice_id":"829824"}])"));
    EXPECT_EQ(body["watermark_info"], json::parse(R"({"enabled":true})"));
    EXPECT_EQ(body["callback_url"], "https://hooks.example.com/k");
    EXPECT_FALSE(body.contains("cfg_scale")) << "V1.x alone knows it";
}

TEST_F(KlingTest, AsksForATakeFromSeveralPictures)
{
    TakeRequest request = RemoteTakes::text_take("the two friends share the umbrella");
    request.stills.images = {takes_.still("one"), takes_.still("two")};
    request.size = {720, 1280};
    EXPECT_EQ(sent(request), json({{"model_name", "kling-v1-6"},
                                   {"image_list", {{{"image", base64_of("one")}}, {{"image", base64_of("two")}}}},
                                   {"prompt", "the two friends share the umbrella"},
                                   {"mode", "std"},
                                   {"duration", "5"},
                                   {"aspect_ratio", "9:16"},
                                   {"external_task_id", "film7-shot03-take1"}}));
    EXPECT_EQ(takes_.server.last().target, "/v1/videos/multi-image2video");
}

TEST_F(KlingTest, ExtendsByTheVideosId)
{
    TakeRequest request = RemoteTakes::text_take("she steps outside into the rain");
    request.take.kind = PlannedTake::Kind::extend;
    request.parent = {{"task_id", "867283741759111202"}, {"video_id", "867283760000000001"}};
    request.settings.negative_prompt = "blur";
    request.own_id = "film7-shot03-ext1";
    EXPECT_EQ(sent(request), json::parse(R"({"video_id":"867283760000000001","prompt":"she steps outside into the rain",
        "negative_prompt":"blur","cfg_scale":0.5,"external_task_id":"film7-shot03-ext1"})"));
    EXPECT_EQ(takes_.server.last().target, "/v1/videos/video-extend");

    request.model = "kling-v1"; // which knows neither
    const json body = sent(request);
    EXPECT_FALSE(body.contains("cfg_scale"));
    EXPECT_FALSE(body.contains("negative_prompt"));
}

TEST_F(KlingTest, LaysSpeechOnLips)
{
    TakeRequest request = RemoteTakes::text_take("");
    request.take.kind = PlannedTake::Kind::lip_sync;
    request.parent = {{"video_id", "867283760000000001"}};
    request.lip_sync = LipSync{};
    request.lip_sync->audio = takes_.file("speech.mp3", "sound");
    EXPECT_EQ(sent(request), json({{"input",
                                    {{"video_id", "867283760000000001"},
                                     {"mode", "audio2video"},
                                     {"audio_type", "file"},
                                     {"audio_file", base64_of("sound")}}}}));
    EXPECT_EQ(takes_.server.last().target, "/v1/videos/lip-sync");

    request.lip_sync = LipSync{{}, "good morning", "uk_boy1", "en", 1.2};
    EXPECT_EQ(sent(request)["input"], json({{"video_id", "867283760000000001"},
                                            {"mode", "text2video"},
                                            {"text", "good morning"},
                                            {"voice_id", "uk_boy1"},
                                            {"voice_language", "en"},
                                            {"voice_speed", 1.2}}));
    EXPECT_EQ(told(takes_.search(request)), "not reached") << "its call takes no id of ours: nothing can be proved";
}

TEST_F(KlingTest, PlaysAnEffect)
{
    TakeRequest request = RemoteTakes::text_take("");
    request.effect = Effect{"hug_pro"};
    request.stills.images = {takes_.still("left"), takes_.still("right")};
    EXPECT_EQ(sent(request), json({{"effect_scene", "hug_pro"},
                                   {"input", {{"images", {base64_of("left"), base64_of("right")}}}},
                                   {"external_task_id", "film7-shot03-take1"}}));
    EXPECT_EQ(takes_.server.last().target, "/v1/videos/effects");
}

TEST_F(KlingTest, RefusesWhatCannotBeSaid)
{
    const auto refused = [&](const TakeRequest& request) {
        EXPECT_THROW(takes_.submit(request), Error);
        EXPECT_TRUE(takes_.server.seen().empty());
    };
    refused(RemoteTakes::text_take(""));
    TakeRequest request = takes_.image_take();
    request.settings.camera = CameraMove{};
    refused(request); // no axis
    request.settings.camera->zoom = request.settings.camera->pan = 1;
    refused(request); // two axes
    request.settings.camera->pan = 0;
    request.stills.end_image = takes_.still("end");
    request.take.end_frame = true;
    refused(request); // camera and end frame
    request = RemoteTakes::text_take();
    request.settings.voices = {"1"};
    refused(request); // a voice without sound
    request.take.kind = PlannedTake::Kind::extend;
    refused(request); // no parent
}

TEST_F(KlingTest, ReadsWhereATaskStands)
{
    takes_.server.answer(
        R"({"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"8","task_status":"processing"}})");
    EXPECT_EQ(told(takes_.poll("image2video/8")), "running");
    EXPECT_EQ(takes_.server.last().method, "GET");
    EXPECT_EQ(takes_.server.last().target, "/v1/videos/image2video/8");

    takes_.server.answer(R"({"code":0,"message":"SUCCEED","request_id":"CjikY2gHPbcAAAAABI5n9g",
 "data":{"task_id":"867283741759111202","task_status":"succeed","task_status_msg":"",
  "task_info":{"external_task_id":"film7-shot03-take1"},
  "task_result":{"videos":[{"id":"867283760000000001",
     "url":"https://cdn.example.com/kling/out.mp4?sig=abc","watermark_url":"","duration":"5.1"}]},
  "watermark_info":{"enabled":false},
  "final_unit_deduction":"2",
  "final_balance_deduction":{"quota":"0","list_price":"0.28"},
  "created_at":1774805076247,"updated_at":1774805301877}})");
    const JobState state = takes_.poll("text2video/867283741759111202");
    ASSERT_EQ(told(state), "ready https://cdn.example.com/kling/out.mp4?sig=abc");
    const auto& ready = std::get<Ready>(state);
    EXPECT_EQ(ready.ref,
              json({{"task_id", "867283741759111202"}, {"video_id", "867283760000000001"}, {"seconds", 5.1}}));
    EXPECT_NEAR(ready.charged.value(), 0.28, 1e-9);
    EXPECT_EQ(ready.expires, 1774805076 + 30 * 86400);
}

TEST_F(KlingTest, ReadsRepliesThatDifferFromTheReference)
{
    const std::pair<const char*, const char*> k_replies[] = {
        // numbers as strings, an integer id, the other generation's word, no times
        {R"({"code":"0","data":{"task_id":8,"task_status":"succeeded","task_result":{"videos":[{"id":9,"url":"https://c/v","duration":5}],"images":null}}})",
         "ready https://c/v"},
        {R"({"code":0,"data":{"task_id":"8","task_status":"submitted","task_result":{"images":[],"videos":null}}})",
         "running"},
        {R"({"code":0,"data":{"task_id":"8","task_status":"warming_up"}})", "running warming_up"},
        {R"({"code":0,"data":{"task_id":"8","task_status":"succeed","task_result":{"videos":null}}})", "missing"},
        {R"({"code":0,"data":null})", "unreachable"},
        {R"([])", "unreachable"},
        {"<html>busy</html>", "unreachable"},
    };
    for (const auto& [reply, expected] : k_replies) {
        takes_.server.answer(reply);
        EXPECT_EQ(told(takes_.poll("text2video/8")), expected) << reply;
    }
}

TEST_F(KlingTest, SaysWhyATaskFailed)
{
    takes_.server.answer(
        R"({"code":0,"message":"SUCCEED","request_id":"req-7","data":{"task_id":"8","task_status":"failed",
        "task_status_msg":"Failure to pass the risk control system","final_unit_deduction":"0"}})");
    JobState state = takes_.poll("text2video/8");
    EXPECT_EQ(told(state), "refused free") << "the content was the reason: nothing to try again";
    EXPECT_EQ(test::reason(state), "Failure to pass the risk control system (request req-7)");

    takes_.server.answer(R"({"code":0,"data":{"task_status":"failed","task_status_msg":"render node lost"}})");
    EXPECT_EQ(told(takes_.poll("text2video/8")), "refused retry untold") << "it may have been charged";

    takes_.server.answer(
        R"({"code":0,"data":{"task_status":"failed","task_status_msg":"render node lost","final_unit_deduction":"2"}})");
    state = takes_.poll("text2video/8");
    EXPECT_EQ(told(state), "refused retry charged");
    EXPECT_NEAR(std::get<Refused>(state).charged.value(), 0.28, 1e-9);
}

TEST_F(KlingTest, LooksASubmitUpByOurOwnId)
{
    const TakeRequest request = RemoteTakes::text_take();
    EXPECT_EQ(takes_.provider().lookup(request), Lookup::proves);
    EXPECT_EQ(takes_.provider().adopt(request, "77").id, "text2video/77");
    TakeRequest speech = request;
    speech.take.kind = PlannedTake::Kind::lip_sync;
    speech.lip_sync = LipSync{};
    EXPECT_EQ(takes_.provider().lookup(speech), Lookup::none) << "its call takes no id of ours";
    takes_.server.answer(k_kling_created);
    EXPECT_EQ(told(takes_.search(request)), "found text2video/867283741759111202");
    EXPECT_EQ(takes_.server.last().target, "/v1/videos/text2video/film7-shot03-take1");

    takes_.server.answer(404, R"({"code":1203,"message":"task not found","request_id":"r"})");
    EXPECT_EQ(told(takes_.search(request)), "absent");

    for (const int status : {404, 500, 503}) {
        takes_.server.answer(status, "<html>not here</html>");
        EXPECT_EQ(told(takes_.search(request)), "not reached") << status;
    }
    takes_.server.answer(401, R"({"code":1002,"message":"authorization invalid"})");
    EXPECT_EQ(told(takes_.search(request)), "not reached");
}

TEST_F(KlingTest, SignsATokenAnewWhenTheServiceCallsItOver)
{
    use_tokens();
    takes_.server.answer(401, R"({"code":1004,"message":"token expired","request_id":"r"})");
    takes_.server.answer(k_kling_created);
    EXPECT_EQ(told(takes_.submit(RemoteTakes::text_take())), "accepted text2video/867283741759111202");
    ASSERT_EQ(takes_.server.seen().size(), 2U);
    EXPECT_EQ(takes_.server.seen()[0].body, takes_.server.seen()[1].body);

    takes_.server.answer(401, R"({"code":1004,"message":"token expired","request_id":"r"})");
    takes_.server.answer(401, R"({"code":1004,"message":"token expired","request_id":"r"})");
    EXPECT_EQ(told(takes_.submit(RemoteTakes::text_take())), "stop credentials");
    EXPECT_EQ(takes_.server.seen().size(), 4U) << "once more, not for ever";
}

TEST_F(KlingTest, FollowsTheServicesClockWhenItsOwnIsAhead)
{
    use_tokens();
    takes_.server.answer(401, R"({"code":1003,"message":"token is not valid yet","request_id":"r"})",
                         {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}});
    takes_.server.answer(k_kling_created);
    EXPECT_EQ(told(takes_.submit(RemoteTakes::text_take())), "accepted text2video/867283741759111202");
    EXPECT_NE(takes_.server.seen()[0].header("Authorization"), takes_.server.seen()[1].header("Authorization"));
}

TEST_F(KlingTest, DoesNotSendAnApiKeyTwice)
{
    takes_.server.answer(401, R"({"code":1004,"message":"token expired","request_id":"r"})");
    EXPECT_EQ(told(takes_.submit(RemoteTakes::text_take())), "stop credentials");
    EXPECT_EQ(takes_.server.seen().size(), 1U);
}

TEST_F(KlingTest, NamesTheKeysItNeeds)
{
    takes_.settings.keys = {{"KLING_ACCESS_KEY", "AK-example"}};
    try {
        takes_.provider();
        FAIL() << "made without a key";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::credentials);
        EXPECT_STREQ(error.what(), "provider 'kling' needs a key: set KLING_API_KEY, or KLING_ACCESS_KEY and "
                                   "KLING_SECRET_KEY");
    }
}

class KlingApi2Test : public KlingTest {
protected:
    KlingApi2Test()
    {
        takes_.settings.facts.facts["api2"] = {{"kling-v3", "kling-3.0"}, {"kling-3.0-turbo", "kling-3.0-turbo"}};
    }

    static constexpr const char* k_accepted = R"({"code":0,"message":"SUCCEED","request_id":"7f4f33de",
 "data":{"id":"9876543210","status":"submitted","external_id":"film7-shot05-take1",
         "create_time":1781080778802,"update_time":1781080778802}})";
};

TEST_F(KlingApi2Test, AsksThroughTheModelsOwnPath)
{
    TakeRequest request = takes_.image_take("the curtain lifts in the wind");
    request.model = "kling-v3";
    request.stills.end_image = takes_.still("end");
    request.take.end_frame = true;
    request.own_id = "film7-shot05-take1";
    takes_.server.answer(k_accepted);
    EXPECT_EQ(told(takes_.submit(request)), "accepted tasks/9876543210");
    EXPECT_EQ(takes_.server.last().target, "/image-to-video/kling-3.0");
    EXPECT_EQ(
        takes_.server.last().json(),
        json({{"contents",
               {{{"type", "prompt"}, {"text", "the curtain lifts in the wind"}},
                {{"type", "first_frame"}, {"url", base64_of("start")}},
                {{"type", "last_frame"}, {"url", base64_of("end")}}}},
              {"settings", {{"resolution", "1080p"}, {"duration", 5}, {"audio", "off"}, {"multi_shot", false}}},
              {"options", {{"external_task_id", "film7-shot05-take1"}, {"watermark_info", {{"enabled", false}}}}}}));
}

TEST_F(KlingApi2Test, TellsSeveralShotsInThePrompt)
{
    TakeRequest request = RemoteTakes::text_take("");
    request.model = "kling-3.0-turbo";
    request.take.seconds = 8;
    request.multi_shot = {{"a lighthouse at dusk", 3}, {"the keeper lights the lamp", 5}};
    takes_.server.answer(k_accepted);
    EXPECT_EQ(told(takes_.submit(request)), "accepted tasks/9876543210");
    EXPECT_EQ(takes_.server.last().target, "/text-to-video/kling-3.0-turbo");
    EXPECT_EQ(
        takes_.server.last().json(),
        json({{"prompt", "shot 1, 3, a lighthouse at dusk; shot 2, 5, the keeper lights the lamp"},
              {"settings", {{"resolution", "720p"}, {"aspect_ratio", "16:9"}, {"duration", 8}}},
              {"options", {{"external_task_id", "film7-shot03-take1"}, {"watermark_info", {{"enabled", false}}}}}}));
}

TEST_F(KlingApi2Test, ReadsTasks)
{
    takes_.server.answer(R"({"code":0,"message":"SUCCEED","request_id":"1f6a0f5d",
 "data":[{"id":"9876543210","status":"succeeded","message":"","external_id":"film7-shot05-take1",
   "create_time":1781080778802,"update_time":1781080994151,
   "outputs":[{"type":"video","id":"9876543999","url":"https://cdn.example.com/o.mp4","watermark_url":"","duration":"5.0"}],
   "billing":[{"charge_type":"unit","cash_type":"","amount":"4","currency":"USD","package_type":"video","list_price":"0.56"}]}]})");
    const JobState state = takes_.poll("tasks/9876543210");
    EXPECT_EQ(takes_.server.last().target, "/tasks?task_ids=9876543210");
    ASSERT_EQ(told(state), "ready https://cdn.example.com/o.mp4");
    EXPECT_EQ(std::get<Ready>(state).ref,
              json({{"task_id", "9876543210"}, {"video_id", "9876543999"}, {"seconds", 5.0}}));
    EXPECT_NEAR(std::get<Ready>(state).charged.value(), 0.56, 1e-9);
    EXPECT_EQ(std::get<Ready>(state).expires, 1781080778 + 30 * 86400);

    takes_.server.answer(R"({"code":0,"data":[{"id":"7","status":"failed","message":"render node lost"}]})");
    EXPECT_EQ(told(takes_.poll("tasks/7")), "refused retry untold");
    takes_.server.answer(R"({"code":0,"data":[]})");
    EXPECT_EQ(told(takes_.poll("tasks/7")), "missing");
    takes_.server.answer(R"({"code":0,"data":null})");
    EXPECT_EQ(told(takes_.poll("tasks/7")), "unreachable");
}

TEST_F(KlingApi2Test, FindsByOurOwnId)
{
    TakeRequest request = RemoteTakes::text_take();
    request.model = "kling-v3";
    takes_.server.answer(R"({"code":0,"data":[{"id":"7","status":"processing","external_id":"film7-shot03-take1"}]})");
    EXPECT_EQ(told(takes_.search(request)), "found tasks/7");
    EXPECT_EQ(takes_.server.last().target, "/tasks?external_task_ids=film7-shot03-take1");
    takes_.server.answer(R"({"code":0,"data":[]})");
    EXPECT_EQ(told(takes_.search(request)), "absent");
    takes_.server.answer(R"({"code":0,"data":null})");
    EXPECT_EQ(told(takes_.search(request)), "not reached") << "no list is no proof";
}

TEST_F(KlingApi2Test, NeedsAnApiKey)
{
    use_tokens();
    TakeRequest request = RemoteTakes::text_take();
    request.model = "kling-v3";
    EXPECT_THROW(takes_.submit(request), Error);
    EXPECT_TRUE(takes_.server.seen().empty());
}

} // namespace
} // namespace longtake
