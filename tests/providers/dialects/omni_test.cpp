#include "pipeline/base/base64.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::RemoteTakes;
using test::told;

constexpr const char* k_omni_created = R"({"code":0,"message":"SUCCEED","request_id":"5f0c3a52",
    "data":{"task_id":"867283741759111202","task_status":"submitted"}})";

TEST(OmniTest, AsksForFramesAndReferencesByTheirParts)
{
    RemoteTakes takes("kling");
    takes.settings.keys = {{"KLINGAI_API_KEY", "key-of-tests"}}; // the newer name will do
    TakeRequest request = takes.image_take("the door opens");
    request.model = "kling-video-o1";
    request.take.seconds = 7;
    request.take.end_frame = true;
    request.stills.end_image = takes.still("end");
    takes.server.answer(k_omni_created);
    EXPECT_EQ(told(takes.submit(request)), "accepted omni-video/867283741759111202");
    EXPECT_EQ(takes.server.last().target, "/v1/videos/omni-video");
    json body = takes.server.last().json();
    EXPECT_TRUE(body.erase("external_task_id") == 1U);
    EXPECT_EQ(body, json({{"model_name", "kling-video-o1"},
                          {"mode", "pro"},
                          {"duration", "7"},
                          {"prompt", "the door opens"},
                          {"image_list",
                           {{{"image_url", base64_of("start")}, {"type", "first_frame"}},
                            {{"image_url", base64_of("end")}, {"type", "end_frame"}}}}}));

    request = RemoteTakes::text_take("@mug on a table");
    request.model = "kling-v3-omni";
    request.settings.sound = true;
    request.references = {{Reference::Kind::picture, "mug", {}}};
    request.stills.references = {takes.still("mug")};
    takes.server.answer(k_omni_created);
    EXPECT_EQ(told(takes.submit(request)), "accepted omni-video/867283741759111202");
    body = takes.server.last().json();
    EXPECT_TRUE(body.erase("external_task_id") == 1U);
    EXPECT_EQ(body, json({{"model_name", "kling-v3-omni"},
                          {"mode", "std"},
                          {"duration", "5"},
                          {"prompt", "<<<image_1>>> on a table"},
                          {"image_list", {{{"image_url", base64_of("mug")}}}},
                          {"aspect_ratio", "16:9"},
                          {"sound", "on"}}));

    takes.server.answer(404, R"({"code":1203,"message":"no such task"})");
    EXPECT_EQ(told(takes.poll("omni-video/8672")), "missing");
    EXPECT_EQ(takes.server.last().target, "/v1/videos/omni-video/8672");
}

} // namespace
} // namespace longtake
