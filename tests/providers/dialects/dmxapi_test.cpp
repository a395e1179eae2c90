#include "pipeline/base/error.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::RemoteTakes;
using test::told;

class DmxapiTest : public ::testing::Test {
protected:
    DmxapiTest() : takes_("dmxapi") { takes_.settings.keys = {{"DMXAPI_API_KEY", " key-of-tests\n"}}; }

    RemoteTakes takes_;
};

TEST_F(DmxapiTest, PutsItsPrefixBeforeKlingsCalls)
{
    takes_.server.answer(R"({"code":0,"message":"SUCCEED","data":{"task_id":"77","task_status":"submitted"}})");
    EXPECT_EQ(told(takes_.submit(RemoteTakes::text_take())), "accepted text2video/77");
    EXPECT_EQ(takes_.server.last().target, "/kling/v1/videos/text2video");
    EXPECT_EQ(takes_.server.last().header("Authorization"), "Bearer key-of-tests");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({"model_name":"kling-v1-6",
        "prompt":"a paper boat drifts under a stone bridge, slow dolly in","cfg_scale":0.5,"mode":"std",
        "aspect_ratio":"16:9","duration":"5","external_task_id":"film7-shot03-take1"})"));
}

TEST_F(DmxapiTest, ExtendsByTaskAndVideo)
{
    TakeRequest request = RemoteTakes::text_take("she steps outside into the rain");
    request.take.kind = PlannedTake::Kind::extend;
    request.parent = {{"task_id", "77"}, {"video_id", "88"}};
    takes_.server.answer(R"({"code":0,"data":{"task_id":"78"}})");
    EXPECT_EQ(told(takes_.submit(request)), "accepted video-extend/78");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({"video_id":"88","task_id":"77","cfg_scale":0.5,
        "prompt":"she steps outside into the rain","external_task_id":"film7-shot03-take1"})"));

    request.model = "kling-v1-5";
    EXPECT_THROW(takes_.submit(request), Error) << "its pages say it cannot";
}

TEST_F(DmxapiTest, FindsButCannotRuleOut)
{
    EXPECT_EQ(takes_.provider().lookup(RemoteTakes::text_take()), Lookup::finds);
    takes_.server.answer(R"({"code":0,"data":{"task_id":"77","task_status":"processing"}})");
    EXPECT_EQ(told(takes_.search(RemoteTakes::text_take())), "found text2video/77");
    EXPECT_EQ(takes_.server.last().target, "/kling/v1/videos/text2video/film7-shot03-take1");
}

TEST_F(DmxapiTest, DoesNotTakeKlingsPriceForItsOwn)
{
    takes_.server.answer(R"({"code":0,"data":{"task_id":"77","task_status":"succeed","final_unit_deduction":"2",
        "task_result":{"videos":[{"id":"88","url":"https://cdn.example.com/v.mp4","duration":"5"}]}}})");
    const JobState state = takes_.poll("text2video/77");
    EXPECT_EQ(takes_.server.last().target, "/kling/v1/videos/text2video/77");
    ASSERT_EQ(told(state), "ready https://cdn.example.com/v.mp4");
    EXPECT_FALSE(std::get<Ready>(state).charged);
    takes_.server.answer(R"({"code":0,"data":{"task_id":"77","task_status":"failed","task_status_msg":"node lost"}})");
    EXPECT_EQ(told(takes_.poll("text2video/77")), "refused retry untold") << "nobody knows whether it was charged";
}

TEST_F(DmxapiTest, RefusesWhatItDoesNotSell)
{
    TakeRequest request = RemoteTakes::text_take();
    request.effect = Effect{"hug_pro"};
    EXPECT_THROW(takes_.submit(request), Error);
    request = RemoteTakes::text_take();
    request.settings.sound = true;
    EXPECT_THROW(takes_.submit(request), Error);
    request = RemoteTakes::text_take();
    request.multi_shot = {{"a", 5}};
    EXPECT_THROW(takes_.submit(request), Error);
    EXPECT_TRUE(takes_.server.seen().empty());
}

} // namespace
} // namespace longtake
