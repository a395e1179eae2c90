#include "pipeline/base/base64.h"
#include "pipeline/base/error.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::RemoteTakes;
using test::told;

class NewapiTest : public ::testing::Test {
protected:
    NewapiTest() : takes_("newapi") { takes_.settings.keys = {{"NEWAPI_API_KEY", "sk-key-of-tests"}}; }

    RemoteTakes takes_;
};

TEST_F(NewapiTest, SpeaksKlingsBody)
{
    TakeRequest request = takes_.image_take();
    request.stills.end_image = takes_.still("end");
    request.take.end_frame = true;
    takes_.server.answer(
        R"({"id":"task_9f8e","task_id":"task_9f8e","object":"video","model":"kling-v1-6","status":"queued","progress":0,"created_at":1774805076})");
    EXPECT_EQ(told(takes_.submit(request)), "accepted image2video/task_9f8e");
    EXPECT_EQ(takes_.server.last().target, "/kling/v1/videos/image2video");
    EXPECT_EQ(takes_.server.last().header("Authorization"), "Bearer sk-key-of-tests");
    EXPECT_EQ(takes_.server.last().json(), json({{"model_name", "kling-v1-6"},
                                                 {"image", base64_of("start")},
                                                 {"image_tail", base64_of("end")},
                                                 {"prompt", "the woman turns toward the window"},
                                                 {"mode", "pro"},
                                                 {"duration", "5"}, // a number fails to decode there
                                                 {"cfg_scale", 0.5},
                                                 {"external_task_id", "film7-shot03-take1"}}));
}

TEST_F(NewapiTest, AcceptsEveryShapeOfAcceptance)
{
    const std::pair<const char*, const char*> k_replies[] = {
        {R"({"task_id":"task_9f8e"})", "accepted text2video/task_9f8e"},
        {R"({"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"8672","task_status":"submitted"}})",
         "accepted text2video/8672"},
        {R"({"code":"success","message":"","data":{"task_id":"task_1"}})", "accepted text2video/task_1"},
        {R"({"code":"0","data":{"task_id":8672}})", "accepted text2video/8672"},
    };
    for (const auto& [reply, expected] : k_replies) {
        takes_.server.answer(reply);
        EXPECT_EQ(told(takes_.submit(RemoteTakes::text_take())), expected) << reply;
    }
}

TEST_F(NewapiTest, ReadsEveryShapeOfATask)
{
    const std::string raw =
        R"({"code":0,"data":{"task_id":"8672","task_result":{"videos":[{"id":"99","url":"https://c/raw","duration":"5.1"}]},"created_at":1774805076247}})";
    const std::pair<std::string, const char*> k_replies[] = {
        {R"({"code":"success","message":"","data":{"task_id":"t","status":"NOT_START","progress":"0%"}})", "running"},
        {R"({"code":"success","message":"","data":{"task_id":"t","status":"QUEUED"}})", "running"},
        {R"({"code":"success","message":"","data":{"task_id":"t","status":"IN_PROGRESS","data":{}}})", "running"},
        {R"({"code":"success","message":"","data":{"task_id":"t","status":"UNKNOWN"}})", "running UNKNOWN"},
        {R"({"code":"success","data":{"task_id":"t","status":"SUCCESS","result_url":"https://c/gateway","data":)" +
             raw + "}}",
         "ready https://c/raw"},
        {R"({"code":"success","data":{"task_id":"t","status":"SUCCESS","result_url":"https://c/gateway","data":null}})",
         "ready https://c/gateway"},
        {R"({"code":"success","data":{"task_id":"t","status":"SUCCESS","fail_reason":"https://c/old"}})",
         "ready https://c/old"},
        {R"({"code":"success","data":{"task_id":"t","status":"succeeded","url":"https://c/documented"}})",
         "ready https://c/documented"},
        {R"({"id":"t","object":"video","status":"in_progress","progress":30})", "running"},
        {R"({"id":"t","object":"video","status":"completed","metadata":{"url":"https://c/openai"}})",
         "ready https://c/openai"},
        {R"({"id":"t","object":"video","status":"failed","error":{"message":"bad","code":"x"}})",
         "refused retry untold"},
        {R"({"code":0,"data":{"task_id":"8672","task_status":"succeed","task_result":{"videos":[{"id":"99","url":"https://c/own"}]}}})",
         "ready https://c/own"},
        {R"({"code":"success","data":{"task_id":"t","status":"FAILURE","fail_reason":"risk control"}})",
         "refused untold"},
        {R"({"id":"t","status":"completed","data":[{"url":"https://c/unified"}],"usage":{}})",
         "ready https://c/unified"},
    };
    for (const auto& [reply, expected] : k_replies) {
        takes_.server.answer(reply);
        EXPECT_EQ(told(takes_.poll("image2video/t")), expected) << reply;
        EXPECT_EQ(takes_.server.last().target, "/kling/v1/videos/image2video/t");
    }
    takes_.server.answer(k_replies[4].first);
    const JobState state = takes_.poll("image2video/t");
    EXPECT_EQ(std::get<Ready>(state).ref, json({{"task_id", "8672"}, {"video_id", "99"}, {"seconds", 5.1}}));
    EXPECT_EQ(std::get<Ready>(state).expires, 1774805076 + 30 * 86400);
    EXPECT_FALSE(std::get<Ready>(state).charged);
}

TEST_F(NewapiTest, FootageBehindTheGatewayItselfIsFetchedWithItsKey)
{
    const std::string base = takes_.server.base();
    const std::string content = base + "/v1/videos/t/content";
    const std::pair<std::string, std::string> k_addresses[] = {
        {"", content + " with key"},
        {content, content + " with key"},
        {content + "?variant=video", content + " with key"},
        {base + "/v1/files/7.mp4", base + "/v1/files/7.mp4 with key"},
        {base + "/files/7.mp4?sig=x", base + "/files/7.mp4?sig=x"},
        // a gateway that does not know where it is
        {"http://localhost:3000/v1/videos/t/content", content + " with key"},
        {"https://gateway.example.com/v1/videos/t/content", content + " with key"},
        // somebody else's
        {"https://cdn.example.com/v1/files/7.mp4", "https://cdn.example.com/v1/files/7.mp4"},
        {"https://127.0.0.1/v1/files/7.mp4", "https://127.0.0.1/v1/files/7.mp4"},
    };
    for (const auto& [address, expected] : k_addresses) {
        const json task = {{"task_id", "t"}, {"status", "SUCCESS"}, {"result_url", address}};
        takes_.server.answer(json{{"code", "success"}, {"data", task}}.dump());
        EXPECT_EQ(told(takes_.poll("image2video/t")), "ready " + expected) << address;
    }
}

TEST_F(NewapiTest, TheGatewaysOwnAddressIsNoEndBeforeTheTakeIsDone)
{
    const std::pair<const char*, const char*> k_words[] = {{"IN_PROGRESS", "running"},
                                                           {"FAILURE", "refused retry untold"}};
    for (const auto& [word, expected] : k_words) {
        const json task = {
            {"task_id", "t"}, {"status", word}, {"result_url", takes_.server.base() + "/v1/videos/t/content"}};
        takes_.server.answer(json{{"code", "success"}, {"data", task}}.dump());
        EXPECT_EQ(told(takes_.poll("image2video/t")), expected);
    }
}

TEST_F(NewapiTest, DigsForTheReason)
{
    const std::pair<const char*, const char*> k_replies[] = {
        {R"({"code":"success","data":{"task_id":"t","status":"FAILURE","fail_reason":"SUCCEED","data":{"code":0,
            "message":"SUCCEED","data":{"task_id":"83","task_status":"failed",
            "task_status_msg":"Image pixel is invalid","task_result":{}}}}})",
         "Image pixel is invalid"},
        {R"({"code":"success","data":{"status":"FAILURE","fail_reason":
            "upstream: {\"code\":1201,\"message\":\"image format is invalid\"}"}})",
         "image format is invalid"},
        {R"({"code":"success","data":{"status":"FAILURE","fail_reason":"","error":{"message":"no node"}}})", "no node"},
        {R"({"code":"success","data":{"status":"FAILURE","fail_reason":"success","data":null}})",
         "the service failed the take and gave no reason"},
    };
    for (const auto& [reply, expected] : k_replies) {
        takes_.server.answer(reply);
        EXPECT_EQ(test::reason(takes_.poll("image2video/t")), expected) << reply;
    }
}

TEST_F(NewapiTest, ExtendsOnlyWhereCallsArePassedThrough)
{
    TakeRequest request = RemoteTakes::text_take("");
    request.take.kind = PlannedTake::Kind::extend;
    request.parent = {{"task_id", "8672"}, {"video_id", "99"}};
    EXPECT_THROW(takes_.submit(request), Error);

    RemoteTakes passing("newapi");
    passing.settings = takes_.settings;
    passing.settings.base_url = passing.server.base();
    passing.settings.shape = "passthrough";
    passing.server.answer(R"({"code":0,"data":{"task_id":"8673"}})");
    EXPECT_EQ(told(passing.submit(request)), "accepted video-extend/8673");
    const json body = passing.server.last().json();
    EXPECT_EQ(body["video_id"], "99");
    EXPECT_EQ(body["task_id"], "8672");
    EXPECT_FALSE(body["prompt"].get<std::string>().empty()) << "some operators refuse to extend without words";
}

TEST_F(NewapiTest, DoesNotPayForWhatAPlainGatewayWouldDrop)
{
    TakeRequest request = takes_.image_take();
    request.model = "kling-v2-6";
    request.settings.sound = true;
    request.settings.voices = {"1"};
    EXPECT_THROW(takes_.submit(request), Error);
    request = RemoteTakes::text_take();
    request.model = "kling-v3";
    request.multi_shot = {{"a", 5}};
    EXPECT_THROW(takes_.submit(request), Error);
    request = RemoteTakes::text_take();
    request.stills.images = {takes_.still("a")};
    EXPECT_THROW(takes_.submit(request), Error);
    EXPECT_TRUE(takes_.server.seen().empty());
}

TEST_F(NewapiTest, HasNoAddressOfItsOwn)
{
    takes_.settings.base_url.clear();
    try {
        takes_.provider();
        FAIL() << "made without an address";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        EXPECT_STREQ(error.what(), "provider 'newapi' has no address of its own: set LONGTAKE_NEWAPI_BASE_URL or "
                                   "providers.newapi.base_url");
    }
    takes_.settings.base_url = "http://gateway.example.com";
    EXPECT_THROW(takes_.provider(), Error) << "a key in clear text";
    takes_.settings.base_url = "https://gateway.example.com/team/";
    takes_.settings.shape = "vanila";
    EXPECT_THROW(takes_.provider(), Error);
}

} // namespace
} // namespace longtake
