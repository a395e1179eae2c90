#include "pipeline/base/error.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::RemoteTakes;
using test::told;

constexpr const char* k_wavespeed_created =
    R"({"code":200,"message":"success","data":{"id":"b1c9d8f0e2a54f7c9f7e","model":"m","outputs":[],
        "urls":{"get":"https://elsewhere.example.com/steal"},"has_nsfw_contents":[],"status":"created","error":"",
        "created_at":"2026-04-01T12:34:56.789Z","timings":{"inference":0}}})";

class WavespeedTest : public ::testing::Test {
protected:
    WavespeedTest() : takes_("wavespeed") { takes_.settings.keys = {{"WAVESPEED_API_KEY", "key-of-tests"}}; }

    /// The answers to one upload: where to put it, and that it is there.
    void expect_upload(const std::string& name)
    {
        takes_.server.answer(json{{"code", 200},
                                  {"data",
                                   {{"upload",
                                     {{"method", "PUT"},
                                      {"url", takes_.server.base() + "/store/" + name},
                                      {"headers", {{"Content-Type", "image/png"}, {"X-Amz-Acl", "private"}}}}},
                                    {"download_url", "https://files.example.com/" + name}}}}
                                 .dump());
        takes_.server.answer(200, "");
    }

    RemoteTakes takes_;
};

TEST_F(WavespeedTest, UploadsThePicturesAndNamesTheirAddresses)
{
    TakeRequest request = takes_.image_take("slow push in");
    request.model = "kling-v2-5-turbo";
    request.stills.end_image = takes_.still("end", "jpeg");
    request.take.end_frame = true;
    request.settings.negative_prompt = "blur";
    request.settings.callback_url = "https://hooks.example.com/k?a=1";
    expect_upload("start");
    expect_upload("end");
    takes_.server.answer(k_wavespeed_created);

    EXPECT_EQ(told(takes_.submit(request)), "accepted b1c9d8f0e2a54f7c9f7e");

    const auto seen = takes_.server.seen();
    ASSERT_EQ(seen.size(), 5U);
    EXPECT_EQ(seen[0].target, "/api/v3/media/uploads");
    EXPECT_EQ(seen[0].header("Authorization"), "Bearer key-of-tests");
    EXPECT_EQ(seen[0].json()["size"], 5);
    EXPECT_EQ(seen[0].json()["content_type"], "image/png");
    EXPECT_EQ(seen[1].method, "PUT");
    EXPECT_EQ(seen[1].target, "/store/start");
    EXPECT_EQ(seen[1].body, "start");
    EXPECT_EQ(seen[1].header("Authorization"), "") << "the key is for the service alone";
    EXPECT_EQ(seen[1].header("Content-Type"), "image/png");
    EXPECT_EQ(seen[1].header("X-Amz-Acl"), "private");
    EXPECT_EQ(seen[2].json()["content_type"], "image/jpeg");
    EXPECT_EQ(seen[4].method, "POST");
    EXPECT_EQ(seen[4].target, "/api/v3/kwaivgi/kling-v2.5-turbo-pro/image-to-video?webhook="
                              "https%3A%2F%2Fhooks.example.com%2Fk%3Fa%3D1");
    EXPECT_EQ(seen[4].json(), json({{"image", "https://files.example.com/start"},
                                    {"last_image", "https://files.example.com/end"},
                                    {"prompt", "slow push in"},
                                    {"negative_prompt", "blur"},
                                    {"guidance_scale", 0.5},
                                    {"duration", 5}}));

    request.stills.end_image.reset();
    request.take.end_frame = false;
    takes_.server.answer(k_wavespeed_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.seen().size(), 6U) << "a picture is uploaded once";
}

TEST_F(WavespeedTest, UploadsTheOldWayWhereTheNewIsNotKnown)
{
    takes_.server.answer(404, R"({"code":404,"message":"not found"})");
    takes_.server.answer(R"({"code":200,"data":{"download_url":"https://files.example.com/old"}})");
    takes_.server.answer(k_wavespeed_created);
    EXPECT_EQ(told(takes_.submit(takes_.image_take())), "accepted b1c9d8f0e2a54f7c9f7e");
    const auto seen = takes_.server.seen();
    EXPECT_EQ(seen[1].target, "/api/v2/media/upload/binary");
    ASSERT_EQ(seen[1].parts.count("file"), 1U);
    EXPECT_EQ(seen[1].parts.find("file")->second.content, "start");
    EXPECT_EQ(seen[2].json()["image"], "https://files.example.com/old");
}

TEST_F(WavespeedTest, AFailedUploadOwesNothing)
{
    takes_.server.answer(502, "<html>");
    EXPECT_EQ(told(takes_.submit(takes_.image_take())), "back_off pending") << "no submit was sent";
    takes_.server.answer(401, R"({"code":401,"message":"invalid api key"})");
    EXPECT_EQ(told(takes_.submit(takes_.image_take())), "stop credentials");
}

TEST_F(WavespeedTest, AsksForATakeFromSeveralPictures)
{
    TakeRequest request = RemoteTakes::text_take("the two friends share the umbrella");
    request.stills.images = {takes_.still("a"), takes_.still("b")};
    expect_upload("a.png");
    expect_upload("b.png");
    takes_.server.answer(k_wavespeed_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted b1c9d8f0e2a54f7c9f7e");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-v1.6-multi-i2v-standard");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({"prompt":"the two friends share the umbrella",
        "images":["https://files.example.com/a.png","https://files.example.com/b.png"],"duration":5,"aspect_ratio":"16:9"})"));
}

TEST_F(WavespeedTest, AsksForSoundVoicesAndSeveralShots)
{
    TakeRequest request = RemoteTakes::text_take("");
    request.model = "kling-v3";
    request.take.seconds = 8;
    request.settings.sound = true;
    request.multi_shot = {{"a lighthouse", 3}, {"the keeper", 5}};
    takes_.server.answer(k_wavespeed_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-v3.0-std/text-to-video");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({"duration":8,"aspect_ratio":"16:9","sound":true,
        "cfg_scale":0.5,"shot_type":"customize",
        "multi_prompt":[{"prompt":"a lighthouse","duration":3},{"prompt":"the keeper","duration":5}]})"));

    request = takes_.image_take("<<<voice_1>>> hello");
    request.model = "kling-v2-6";
    request.settings.sound = true;
    request.settings.voices = {"v1"};
    expect_upload("start");
    takes_.server.answer(k_wavespeed_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.last().json()["voice_list"], json({"v1"}));
    EXPECT_EQ(takes_.server.last().json()["sound"], true);
}

TEST_F(WavespeedTest, LaysSpeechOnLipsAndPlaysEffects)
{
    TakeRequest request = RemoteTakes::text_take("");
    request.take.kind = PlannedTake::Kind::lip_sync;
    request.parent_footage = takes_.file("take.mp4", "film");
    request.lip_sync = LipSync{};
    request.lip_sync->audio = takes_.file("speech.mp3", "speech");
    expect_upload("film");
    expect_upload("speech");
    takes_.server.answer(k_wavespeed_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted b1c9d8f0e2a54f7c9f7e");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-lipsync/audio-to-video");
    EXPECT_EQ(takes_.server.last().json(),
              json::parse(R"({"video":"https://files.example.com/film","audio":"https://files.example.com/speech"})"));

    request.lip_sync = LipSync{{}, "good morning", "uk_boy1", "en", 1};
    takes_.server.answer(k_wavespeed_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-lipsync/text-to-video");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({"video":"https://files.example.com/film",
        "text":"good morning","voice_id":"uk_boy1","voice_language":"en","voice_speed":1})"));

    request = takes_.image_take("");
    request.effect = Effect{"squish"};
    expect_upload("start");
    takes_.server.answer(k_wavespeed_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-effects");
    EXPECT_EQ(takes_.server.last().json(),
              json::parse(R"({"image":"https://files.example.com/start","effect_scene":"squish"})"));
}

TEST_F(WavespeedTest, AsksKlingFourForKeyframesHdrAndNoMoreThanItKnows)
{
    TakeRequest request = takes_.image_take("a walk");
    request.model = "kling-v4";
    request.settings.mode = "pro";
    request.settings.hdr = true;
    request.take.seconds = 12;
    request.stills.keyframes = {takes_.still("k1"), takes_.still("k2")};
    request.stills.end_image = takes_.still("end");
    request.take.end_frame = true;
    for (const char* name : {"start", "k1", "k2", "end"}) {
        expect_upload(name);
    }
    takes_.server.answer(k_wavespeed_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted b1c9d8f0e2a54f7c9f7e");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-v4.0/image-to-video");
    EXPECT_EQ(takes_.server.last().json(),
              json::parse(R"({"image":"https://files.example.com/start","last_image":"https://files.example.com/end",
        "keyframes":["https://files.example.com/k1","https://files.example.com/k2"],"prompt":"a walk","duration":12,
        "resolution":"1080p","dynamic_range":"hdr"})"));
}

TEST_F(WavespeedTest, NamesReferencesAsTheServiceDoes)
{
    TakeRequest request = RemoteTakes::text_take("@mug beside @cup, walking as in @walk to @tune; write to me@home");
    request.model = "kling-v4";
    request.references = {{Reference::Kind::picture, "cup", {}},
                          {Reference::Kind::film, "walk", takes_.file("walk.mp4", "film")},
                          {Reference::Kind::picture, "mug", {}},
                          {Reference::Kind::sound, "tune", takes_.file("tune.mp3", "tune")}};
    request.stills.references = {takes_.still("cup"), takes_.still("mug")};
    for (const char* name : {"tune", "cup", "mug", "film"}) { // by the parameters' names
        expect_upload(name);
    }
    takes_.server.answer(k_wavespeed_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted b1c9d8f0e2a54f7c9f7e");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-v4.0/reference-to-video");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({
        "prompt":"@Image2 beside @Image1, walking as in @Video1 to @Audio1; write to me@home","duration":5,
        "aspect_ratio":"16:9","resolution":"720p","audios":["https://files.example.com/tune"],
        "images":["https://files.example.com/cup","https://files.example.com/mug"],
        "videos":["https://files.example.com/film"]})"));
}

TEST_F(WavespeedTest, ExtendsAndChangesFilmsThatItIsGiven)
{
    TakeRequest request = RemoteTakes::text_take("on and on");
    request.model = "kling-v4";
    request.take.kind = PlannedTake::Kind::extend;
    request.take.seconds = 20;
    request.parent_footage = takes_.file("take.mp4", "film");
    expect_upload("film");
    takes_.server.answer(k_wavespeed_created);
    EXPECT_EQ(told(takes_.submit(request)), "accepted b1c9d8f0e2a54f7c9f7e");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-v4.0/video-extend");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({"video":"https://files.example.com/film",
        "prompt":"on and on","duration":20,"resolution":"720p"})"));

    request = RemoteTakes::text_take("make it snow like @ice");
    request.model = "kling-v3-omni";
    request.edit = takes_.file("shop.mp4", "shop");
    request.references = {{Reference::Kind::picture, "ice", {}}};
    request.stills.references = {takes_.still("ice")};
    expect_upload("ice");
    expect_upload("shop");
    takes_.server.answer(k_wavespeed_created);
    takes_.submit(request);
    EXPECT_EQ(takes_.server.last().target, "/api/v3/kwaivgi/kling-video-o3-std/video-edit");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({"video":"https://files.example.com/shop",
        "images":["https://files.example.com/ice"],"prompt":"make it snow like @Image1"})"));
}

TEST_F(WavespeedTest, LooksAtItsOwnAddressWhateverTheReplySays)
{
    takes_.server.answer(k_wavespeed_created);
    EXPECT_EQ(told(takes_.poll("b1c9")), "running");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/predictions/b1c9/result");

    takes_.server.answer(404, "");
    takes_.server.answer(
        R"({"code":200,"data":{"id":"b1c9","status":"completed","outputs":["https://cdn.example.com/v.mp4"]}})");
    const JobState state = takes_.poll("b1c9");
    EXPECT_EQ(told(state), "ready https://cdn.example.com/v.mp4");
    EXPECT_EQ(takes_.server.last().target, "/api/v3/predictions/b1c9");
    EXPECT_EQ(std::get<Ready>(state).ref, json({{"task_id", "b1c9"}}));
}

TEST_F(WavespeedTest, ReadsWhereAPredictionStands)
{
    const std::pair<const char*, const char*> k_replies[] = {
        {R"({"code":200,"data":{"status":"processing","outputs":null}})", "running"},
        {R"({"code":200,"data":{"status":"failed","error":"node lost"}})", "refused retry free"},
        {R"({"code":200,"data":{"status":"failed","error":"rejected","has_nsfw_contents":[true]}})", "refused free"},
        {R"({"code":200,"data":{"status":"cancelled","error":"cancelled"}})", "refused retry free"},
        {R"({"code":200,"data":{"status":"timeout","error":""}})", "refused retry free"},
        {R"({"code":200,"data":{"status":"completed","outputs":["AAAAIGZ0eXA="]}})",
         "missing"}, // base64, not asked for
        {R"({"code":200,"data":{"status":"completed","outputs":[]}})", "missing"},
        {R"({"code":200,"data":{"status":"completed","outputs":[{"url":"https://cdn.example.com/o.mp4"}]}})",
         "ready https://cdn.example.com/o.mp4"},
    };
    for (const auto& [reply, expected] : k_replies) {
        takes_.server.answer(reply);
        EXPECT_EQ(told(takes_.poll("b1c9")), expected) << reply;
    }
}

TEST_F(WavespeedTest, RefusesWhatItHasNoCallFor)
{
    TakeRequest request = takes_.image_take();
    request.settings.camera = CameraMove{};
    EXPECT_THROW(takes_.submit(request), Error);
    request = takes_.image_take("");
    EXPECT_THROW(takes_.submit(request), Error) << "no prompt";
    request = takes_.image_take();
    request.settings.mode = "std";
    request.stills.end_image = takes_.still("end");
    request.take.end_frame = true;
    EXPECT_THROW(takes_.submit(request), Error) << "no end frame in mode std";
    request = RemoteTakes::text_take();
    request.take.kind = PlannedTake::Kind::extend;
    EXPECT_THROW(takes_.submit(request), Error);
    EXPECT_TRUE(takes_.server.seen().empty());
}

} // namespace
} // namespace longtake
