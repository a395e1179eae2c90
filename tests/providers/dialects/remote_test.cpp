#include "pipeline/providers/dialects/remote.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::RemoteTakes;
using test::told;

class RemoteTest : public ::testing::Test {
protected:
    RemoteTest() : takes_("kling") { takes_.settings.keys = {{"KLING_API_KEY", "key-of-tests"}}; }

    json shape(const TakeRequest& request) { return takes_.provider().shape(request); }

    RemoteTakes takes_;
};

TEST_F(RemoteTest, EveryServiceOfTheCatalogHasItsDialect)
{
    for (const char* name : {"kling", "newapi", "dmxapi", "wavespeed", "302ai"}) {
        RemoteTakes takes(name);
        for (const std::string& key : takes.settings.facts.keys) {
            takes.settings.keys[key] = "key-of-tests";
        }
        EXPECT_EQ(takes.provider().name(), name);
        EXPECT_TRUE(takes.provider().rehearsal());
    }
    EXPECT_THROW(make_provider("klng", takes_.settings), Error);
}

TEST_F(RemoteTest, TheRealServiceIsNoRehearsal)
{
    takes_.settings.base_url.clear(); // the catalog's own
    EXPECT_FALSE(takes_.provider().rehearsal());
}

TEST_F(RemoteTest, NeedsItsKey)
{
    for (const char* name : {"newapi", "dmxapi", "wavespeed", "302ai"}) {
        RemoteTakes takes(name);
        try {
            takes.provider();
            FAIL() << name << " made without a key";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::credentials);
            EXPECT_NE(std::string(error.what()).find(takes.settings.facts.keys.front()), std::string::npos);
        }
    }
}

TEST_F(RemoteTest, OfflineAsksForNoKeyAndNoAddress)
{
    for (const char* name : {"kling", "newapi", "dmxapi", "wavespeed", "302ai"}) {
        RemoteTakes takes(name);
        takes.settings.base_url.clear();
        takes.settings.offline = true;
        EXPECT_TRUE(takes.provider().shape(RemoteTakes::text_take()).is_object()) << name;
        EXPECT_FALSE(takes.provider().rehearsal()) << name;
    }
}

TEST_F(RemoteTest, OfflineAFingerprintIsWhatItIsOnline)
{
    const json online = shape(takes_.image_take());
    RemoteTakes offline("kling");
    offline.settings.offline = true;
    EXPECT_EQ(offline.provider().shape(takes_.image_take()), online);
    EXPECT_TRUE(offline.provider().rehearsal()) << "the address tells, where there is one";
}

TEST_F(RemoteTest, AnAccountIsItsAddressAndItsKey)
{
    const auto account = [](const std::string& base, const std::map<std::string, std::string>& keys) {
        RemoteTakes takes("kling");
        takes.settings.base_url = base;
        takes.settings.keys = keys;
        return takes.provider().account();
    };
    const std::string first = account("https://a.example.com", {{"KLING_API_KEY", "key-one"}});
    EXPECT_EQ(first, account("https://A.example.com:443/", {{"KLING_API_KEY", " key-one\n"}})) << "spelling alone";
    EXPECT_NE(first, account("https://b.example.com", {{"KLING_API_KEY", "key-one"}}));
    EXPECT_NE(first, account("https://a.example.com:8443", {{"KLING_API_KEY", "key-one"}}));
    EXPECT_NE(first, account("https://a.example.com/team", {{"KLING_API_KEY", "key-one"}}));
    EXPECT_NE(first, account("https://a.example.com", {{"KLING_API_KEY", "key-two"}}));
    const std::string pair =
        account("https://a.example.com", {{"KLING_ACCESS_KEY", "access"}, {"KLING_SECRET_KEY", "secret"}});
    EXPECT_NE(pair.find("access"), std::string::npos);
    EXPECT_EQ(pair.find("secret"), std::string::npos);
    EXPECT_EQ(pair,
              account("https://a.example.com", {{"KLING_ACCESS_KEY", "access"}, {"KLING_SECRET_KEY", "renewed"}}));
    EXPECT_EQ(first,
              account("https://a.example.com",
                      {{"KLING_API_KEY", "key-one"}, {"KLING_ACCESS_KEY", "access"}, {"KLING_SECRET_KEY", "secret"}}))
        << "only what is sent counts";
}

TEST_F(RemoteTest, NoAccountIsNeededForLocalFootage)
{
    EXPECT_EQ(make_provider("local", {})->account(), "");
}

TEST_F(RemoteTest, RefusesAKeyThatCannotStandInAHeader)
{
    takes_.settings.keys = {{"KLING_API_KEY", "key\r\nX-Evil: 1"}};
    try {
        takes_.provider();
        FAIL() << "took it";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::credentials);
        EXPECT_EQ(std::string(error.what()).find("Evil"), std::string::npos);
    }
}

TEST_F(RemoteTest, KeepsAPathOfTheBaseAddress)
{
    takes_.settings.base_url += "/team/a/";
    takes_.server.answer(R"({"code":0,"data":{"task_id":"1"}})");
    takes_.submit(RemoteTakes::text_take());
    EXPECT_EQ(takes_.server.last().target, "/team/a/v1/videos/text2video");
}

TEST_F(RemoteTest, TheKeyIsNeverSeenAgain)
{
    takes_.provider();
    EXPECT_EQ(redact("wrong key key-of-tests"), "wrong key [hidden]");
}

TEST_F(RemoteTest, AFingerprintKnowsWhatShapesTheFootage)
{
    const TakeRequest request = takes_.image_take();
    const json before = shape(request);
    const auto changes = [&](auto change) {
        TakeRequest changed = request;
        change(changed);
        return shape(changed) != before;
    };
    EXPECT_TRUE(changes([](TakeRequest& r) { r.model = "kling-v1-5"; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.settings.mode = "std"; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.take.seconds = 10; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.take.prompt += "."; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.take.kind = PlannedTake::Kind::chain; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.settings.negative_prompt = "blur"; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.settings.cfg_scale = 0.6; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.settings.camera = CameraMove{}; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.settings.sound = true; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.settings.voices = {"1"}; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.settings.watermark = true; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.multi_shot = {{"a", 5}}; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.effect = Effect{"hug"}; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.parent_fingerprint = "p"; }));
    EXPECT_TRUE(changes([](TakeRequest& r) { r.stills.image->sha256 = "other"; }));
    EXPECT_TRUE(changes([&](TakeRequest& r) { r.stills.static_mask = takes_.still("mask"); }));
    EXPECT_TRUE(changes([&](TakeRequest& r) {
        r.stills.end_image = takes_.still("end");
        r.take.end_frame = true;
    }));

    EXPECT_FALSE(changes([](TakeRequest& r) { r.own_id = "another"; }));
    EXPECT_FALSE(changes([](TakeRequest& r) { r.settings.callback_url = "https://h.example.com"; }));
    EXPECT_FALSE(changes([](TakeRequest& r) { r.stills.image->file = "/elsewhere/start.png"; }));
    EXPECT_FALSE(changes([](TakeRequest& r) { r.shot = "renamed"; }));
    EXPECT_FALSE(changes([&](TakeRequest& r) { r.stills.end_image = takes_.still("end"); })) << "another take arrives";
}

TEST_F(RemoteTest, AFingerprintLeavesOutWhatIsNotSent)
{
    TakeRequest request = takes_.image_take();
    request.model = "kling-v2-1";
    const json before = shape(request);
    request.settings.cfg_scale = 0.9; // V2 and later do not know it
    EXPECT_EQ(shape(request), before);
}

TEST_F(RemoteTest, AFingerprintKnowsTheRecordingByItsSound)
{
    TakeRequest request = RemoteTakes::text_take("");
    request.take.kind = PlannedTake::Kind::lip_sync;
    request.lip_sync = LipSync{};
    request.lip_sync->audio = takes_.file("a.mp3", "speech");
    const json before = shape(request);
    request.lip_sync->audio = takes_.file("renamed.mp3", "speech");
    EXPECT_EQ(shape(request), before);
    request.lip_sync->audio = takes_.file("a.mp3", "other words");
    EXPECT_NE(shape(request), before);
}

constexpr std::string_view k_film("\0\0\0\x10"
                                  "ftypisom\0\0\2\0",
                                  16);

TEST_F(RemoteTest, FetchesFootageWithoutTheKey)
{
    takes_.server.answer(200, std::string(k_film), {{"Content-Type", "video/mp4"}});
    Ready ready;
    ready.url = takes_.server.base() + "/files/v.mp4";
    const auto file = takes_.file("v.part", "");
    takes_.provider().download(ready, file, {}, {});
    EXPECT_EQ(std::filesystem::file_size(file), k_film.size());
    EXPECT_EQ(takes_.server.last().header("Authorization"), "");
}

TEST_F(RemoteTest, FetchesTheServicesOwnFootageWithTheKey)
{
    takes_.server.answer(200, std::string(k_film), {{"Content-Type", "video/mp4"}});
    Ready ready;
    ready.url = takes_.server.base() + "/v1/videos/7/content";
    ready.with_key = true;
    takes_.provider().download(ready, takes_.file("v.part", ""), {}, {});
    EXPECT_EQ(takes_.server.last().header("Authorization"), "Bearer key-of-tests");
}

TEST_F(RemoteTest, FootageIsJudgedByItsBytes)
{
    Ready ready;
    ready.url = takes_.server.base() + "/files/v.mp4";
    const auto file = takes_.file("v.part", "");
    takes_.server.answer(200, std::string(k_film), {{"Content-Type", "text/plain"}});
    takes_.provider().download(ready, file, {}, {});
    EXPECT_EQ(std::filesystem::file_size(file), k_film.size());

    takes_.server.answer(200, "<html>one moment</html>", {{"Content-Type", "video/mp4"}});
    try {
        takes_.provider().download(ready, file, {}, {});
        FAIL() << "took a page";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::pending) << "it may come another time";
        EXPECT_NE(std::string(error.what()).find("a page in its place"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace longtake
