#include "pipeline/providers/dialects/responses.h"

#include "pipeline/base/base64.h"
#include "pipeline/base/error.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

#include <set>

namespace longtake {
namespace {

using nlohmann::json;
using remote::responses::Question;
using test::reason;
using test::RemoteTakes;
using test::told;

const std::string k_v3_job = "responses/kling-v3-get-all/tsk-1";
const std::string k_v26_job = "responses/kling-text2video-get/8410363";

/// A response object whose output is `text`.
json response_saying(const std::string& text)
{
    return {{"request_id", "tsk-1"},
            {"output", {{{"type", "message"}, {"content", {{{"type", "output_text"}, {"text", text}}}}}}},
            {"usage", {{"total_tokens", 45000}}}};
}

/// The last event of a stream, which names a status and says `text`.
std::string event_saying(const std::string& status, const std::string& text)
{
    json response = {{"status", status}, {"output", json::array()}};
    if (!text.empty()) {
        response["output"] = response_saying(text)["output"];
    }
    return "event: response\ndata: " + json{{"type", "response." + status}, {"response", response}}.dump() + "\n\n";
}

class ResponsesTest : public ::testing::Test {
protected:
    ResponsesTest() : takes_("dmxapi") { takes_.use_keys(); }

    static TakeRequest text_take(const std::string& model)
    {
        TakeRequest request = RemoteTakes::text_take("a boat");
        request.model = model;
        return request;
    }

    TakeRequest v3_image_take()
    {
        TakeRequest request = takes_.image_take("she turns");
        request.model = "kling-v3";
        return request;
    }

    /// What is sent for it.
    json body(const TakeRequest& request)
    {
        takes_.server.answer(response_saying(R"({"taskId":"tsk-1"})").dump());
        takes_.submit(request);
        EXPECT_EQ(takes_.server.last().target, "/v1/responses");
        return takes_.server.last().json();
    }

    std::string submitted(const TakeRequest& request, int status, const std::string& answer)
    {
        takes_.server.answer(status, answer);
        return told(takes_.submit(request));
    }

    JobState polled(const std::string& job, int status, const std::string& answer)
    {
        takes_.server.answer(status, answer);
        return takes_.poll(job);
    }

    std::string complaint(const TakeRequest& request)
    {
        try {
            takes_.submit(request);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage);
            return error.what();
        }
        return {};
    }

    RemoteTakes takes_;
};

TEST_F(ResponsesTest, AsksV26ForATakeFromText)
{
    TakeRequest request = text_take("kling-v2-6");
    EXPECT_EQ(body(request),
              json::parse(R"({"model":"kling-v2-6-text2video","input":"a boat","mode":"std","sound":"off",
        "aspect_ratio":"16:9","duration":5})"))
        << "silence is said: what is not said sounds, and is billed";
    EXPECT_EQ(takes_.server.last().header("Authorization"), "key-of-tests") << "without Bearer";
    request.settings.mode = "pro";
    request.settings.sound = true;
    request.settings.negative_prompt = "rain";
    request.settings.callback_url = "https://example.com/done";
    request.take.seconds = 10;
    EXPECT_EQ(body(request), json::parse(R"({"model":"kling-v2-6-text2video","input":"a boat","negative_prompt":"rain",
        "mode":"pro","sound":"on","aspect_ratio":"16:9","duration":10,"callback_url":"https://example.com/done"})"));
}

TEST_F(ResponsesTest, AsksV3ForATakeFromText)
{
    TakeRequest request = text_take("kling-v3");
    request.size = {720, 1280};
    request.take.seconds = 3;
    EXPECT_EQ(body(request), json::parse(R"({"model":"kling-v3","input":"a boat","mode":"std","sound":"off",
        "cfg_scale":0.5,"aspect_ratio":"9:16","duration":"3"})"));
    request.settings.mode = "4k";
    request.settings.sound = true;
    request.settings.watermark = true;
    request.settings.cfg_scale = 0.75;
    request.settings.negative_prompt = "rain";
    EXPECT_EQ(body(request), json::parse(R"({"model":"kling-v3","input":"a boat","negative_prompt":"rain","mode":"4k",
        "sound":"on","cfg_scale":0.75,"aspect_ratio":"9:16","duration":"3","watermark_info":{"enabled":true}})"));
}

TEST_F(ResponsesTest, AsksV3ForATakeFromAPicture)
{
    TakeRequest request = v3_image_take();
    EXPECT_EQ(body(request), json({{"model", "kling-v3"},
                                   {"input", "she turns"},
                                   {"image", base64_of("start")},
                                   {"mode", "pro"},
                                   {"sound", "off"},
                                   {"cfg_scale", 0.5},
                                   {"duration", "5"}}));
    request.take.end_frame = true;
    request.stills.end_image = takes_.still("end");
    EXPECT_EQ(body(request)["image_tail"], base64_of("end"));
    request.take.kind = PlannedTake::Kind::chain;
    EXPECT_EQ(body(request)["image"], base64_of("start"));
}

/// From text they stand beside an `input` that does not count, from a picture they are the `input`: so the pages have
/// it.
TEST_F(ResponsesTest, AsksV3ForSeveralShots)
{
    const json shots =
        json::parse(R"([{"index":1,"prompt":"wide","duration":"2"},{"index":2,"prompt":"close","duration":"3"}])");
    TakeRequest request = text_take("kling-v3");
    request.take.prompt.clear();
    request.multi_shot = {{"wide", 2}, {"close", 3}};
    EXPECT_EQ(body(request), json({{"model", "kling-v3"},
                                   {"input", "wide"},
                                   {"multi_shot", true},
                                   {"shot_type", "customize"},
                                   {"multi_prompt", shots},
                                   {"mode", "std"},
                                   {"sound", "off"},
                                   {"cfg_scale", 0.5},
                                   {"aspect_ratio", "16:9"},
                                   {"duration", "5"}}));
    TakeRequest picture = v3_image_take();
    picture.multi_shot = request.multi_shot;
    const json sent = body(picture);
    EXPECT_EQ(sent["input"], shots);
    EXPECT_FALSE(sent.contains("multi_prompt"));
    picture.take.seconds = 6;
    EXPECT_THROW(takes_.submit(picture), Error) << "2 + 3 s are not 6";
}

TEST_F(ResponsesTest, AFingerprintHasWhatIsSent)
{
    EXPECT_TRUE(takes_.provider().shape(text_take("kling-v3")).contains("cfg_scale"));
    EXPECT_FALSE(takes_.provider().shape(text_take("kling-v2-6")).contains("cfg_scale"));
    EXPECT_TRUE(takes_.provider().shape(text_take("kling-v1-6")).contains("cfg_scale"));
}

TEST_F(ResponsesTest, RefusesWhatThesePagesDoNotHave)
{
    TakeRequest request = v3_image_take();
    request.model = "kling-v2-6";
    EXPECT_EQ(complaint(request), "shot 'boat': provider dmxapi does not sell a take from a picture with kling-v2-6; "
                                  "provider kling does");
    request = text_take("kling-v2-6");
    request.settings.sound = true;
    EXPECT_NE(complaint(request).find("no sound with kling-v2-6 in mode std; kling-v3 does"), std::string::npos);
    request = text_take("kling-v2-6");
    request.settings.watermark = true;
    EXPECT_NE(complaint(request).find("no watermark with kling-v2-6; kling-v3 has"), std::string::npos);
    request = text_take("kling-v3");
    request.settings.callback_url = "https://example.com/done";
    EXPECT_NE(complaint(request).find("calls nobody back for kling-v3; kling-v2-6 does"), std::string::npos);
    request = text_take("kling-v3");
    request.settings.voices = {"v"};
    EXPECT_NE(complaint(request).find("takes no \"voices\""), std::string::npos);
    request = text_take("kling-v3");
    request.settings.camera = CameraMove{.zoom = 3};
    EXPECT_NE(complaint(request).find("takes no camera moves"), std::string::npos);
    request = text_take("kling-v3");
    request.take.prompt.clear();
    EXPECT_NE(complaint(request).find("needs a prompt"), std::string::npos);
    request = text_take("kling-v3");
    request.take.kind = PlannedTake::Kind::lip_sync;
    EXPECT_NE(complaint(request).find("does not sell lip-sync with kling-v3"), std::string::npos);
    EXPECT_TRUE(takes_.server.seen().empty());
}

TEST_F(ResponsesTest, ASubmitComesToOneThing)
{
    const TakeRequest v3 = text_take("kling-v3");
    const TakeRequest v26 = text_take("kling-v2-6");
    const std::string job = "accepted " + k_v3_job;
    EXPECT_EQ(submitted(v3, 200, response_saying(R"({"taskId":"tsk-1"})").dump()), job);
    EXPECT_EQ(submitted(v3, 200, response_saying("{}").dump()), job) << "the request's id is the task's";
    EXPECT_EQ(submitted(v3, 200, response_saying("任务ID: tsk-1").dump()), job);
    EXPECT_EQ(submitted(v26, 200, R"({"code":0,"message":"SUCCEED","data":{"task_id":"8410363"}})"),
              "accepted " + k_v26_job);
    EXPECT_EQ(
        submitted(v26, 400,
                  R"({"error":{"message":"success","code":"dmxapi_kling_error_0"},"data":{"task_id":"8410363"}})"),
        "accepted " + k_v26_job)
        << "seen by a client: accepted, in the clothes of an error";
    // Whatever does not say no may be running, and billed.
    const char* unclear[] = {"{}",
                             "",
                             "accepted",
                             R"({"code":0,"message":"SUCCEED","data":{}})",
                             R"({"output":[]})",
                             R"({"output":[{"content":[]}]})",
                             R"({"output":[{"content":[{"text":"no json"}]}]})",
                             R"({"output":[{"content":[{"text":"{\"taskId\":\"\"}"}]}]})",
                             R"({"output":[{"content":[{"text":"{\"taskId\":"}]}]})",
                             "<html>wait</html>"};
    for (const char* answer : unclear) {
        EXPECT_EQ(submitted(v3, 200, answer), "unclear") << answer;
        EXPECT_EQ(submitted(v26, 502, answer), "unclear") << answer;
    }
    const auto wrapped = [](int code, const char* words) {
        return json{{"error", {{"message", words}, {"code", "dmxapi_kling_error_" + std::to_string(code)}}}}.dump();
    };
    EXPECT_EQ(submitted(v3, 429, wrapped(1303, "parallel task over resource pack limit")), "wait_for_slot pending");
    EXPECT_EQ(submitted(v3, 429, wrapped(1302, "too fast")), "back_off pending");
    EXPECT_EQ(submitted(v3, 429, wrapped(1102, "Account balance not enough")), "stop budget");
    EXPECT_EQ(submitted(v3, 400, wrapped(1201, "duration is invalid")), "give_up provider");
    EXPECT_EQ(submitted(v3, 500, wrapped(5000, "internal")), "unclear");
    EXPECT_EQ(submitted(v3, 401, R"({"error":{"message":"Invalid token"}})"), "stop credentials");
    EXPECT_EQ(submitted(v3, 403, R"({"error":{"message":"user quota is not enough","code":"x"}})"), "stop budget");
    EXPECT_EQ(submitted(v3, 200, response_saying(R"({"code":1102,"message":"Account balance not enough"})").dump()),
              "stop budget");
}

TEST_F(ResponsesTest, AQuestionCanOnlyAsk)
{
    std::set<std::string> names;
    for (const Route& route : takes_.settings.facts.routes) {
        names.insert(route.slug);
        names.insert(route.model);
    }
    for (const std::string& name : names) {
        EXPECT_FALSE(Question::about(name, "tsk-1")) << name << " is for submits";
        EXPECT_FALSE(Question::of({"responses/" + name + "/tsk-1"})) << name;
    }
    for (const char* task : {"", " ", "\t\r\n"}) {
        EXPECT_FALSE(Question::about("kling-v3-get-all", task));
    }
    EXPECT_FALSE(Question::about("", "tsk-1"));
    EXPECT_FALSE(Question::about("kling-v3-get-all ", "tsk-1"));
    for (const Route& route : takes_.settings.facts.routes) {
        EXPECT_EQ(route.query.empty(), !Question::about(route.query, "1"))
            << route.slug << ": the list knows its query";
    }
    EXPECT_EQ(Question::of({k_v3_job})->body(), json::parse(R"({"model":"kling-v3-get-all","input":"tsk-1"})"));
    EXPECT_EQ(Question::of({k_v26_job})->body(),
              json::parse(R"({"model":"kling-text2video-get","input":"8410363","stream":true})"));
    EXPECT_EQ(Question::of({k_v3_job})->job().id, k_v3_job);
    EXPECT_EQ(Question::about("kling-v3-get-all", R"(a boat","model":"kling-v3)")->body()["model"], "kling-v3-get-all");
}

TEST_F(ResponsesTest, AJobThatNamesNoQuestionIsNotAskedAbout)
{
    for (const char* job : {"responses/", "responses/kling-v3-get-all", "responses/kling-v3-get-all/",
                            "responses/kling-v3-get-all/ ", "responses/kling-v3/tsk-1", "responses/tsk-1",
                            "responses//tsk-1", "responses/kling-v2-6-text2video/8410363"}) {
        EXPECT_EQ(told(takes_.poll(job)), "missing") << job;
    }
    EXPECT_TRUE(takes_.server.seen().empty());
}

TEST_F(ResponsesTest, AnAdoptedTaskSaysWhomToAsk)
{
    const auto adopted = [&](const TakeRequest& request, const std::string& task) {
        return takes_.provider().adopt(request, task).id;
    };
    EXPECT_EQ(adopted(text_take("kling-v3"), "tsk-1"), k_v3_job);
    EXPECT_EQ(adopted(v3_image_take(), "tsk-1"), k_v3_job);
    EXPECT_EQ(adopted(text_take("kling-v2-6"), "8410363"), k_v26_job);
    EXPECT_EQ(adopted(text_take("kling-v3"), k_v3_job), k_v3_job) << "as the ledger has it";
    EXPECT_EQ(adopted(text_take("kling-v1-6"), "77"), "text2video/77");
}

TEST_F(ResponsesTest, TheseTakesCannotBeLookedUpByOurId)
{
    EXPECT_EQ(takes_.provider().lookup(text_take("kling-v3")), Lookup::none);
    EXPECT_EQ(takes_.provider().lookup(v3_image_take()), Lookup::none);
    EXPECT_EQ(takes_.provider().lookup(text_take("kling-v2-6")), Lookup::none);
    EXPECT_EQ(takes_.provider().lookup(text_take("kling-v1-6")), Lookup::finds);
}

TEST_F(ResponsesTest, ReadsV3sEnvelopeInAText)
{
    const json envelope = json::parse(R"({"code":0,"message":"SUCCEED","request_id":"d173","data":{"task_id":"tsk-1",
        "task_status":"succeed","task_result":{"videos":[{"id":"mda-9","url":"https://cdn.example.com/v.mp4",
        "duration":"5.041"}]},"created_at":1779707654605,"final_unit_deduction":"6"}})");
    const JobState state = polled(k_v3_job, 200, response_saying(envelope.dump()).dump());
    EXPECT_EQ(takes_.server.last().method, "POST");
    EXPECT_EQ(takes_.server.last().target, "/v1/responses");
    EXPECT_EQ(takes_.server.last().header("Authorization"), "key-of-tests");
    EXPECT_EQ(takes_.server.last().json(), json::parse(R"({"model":"kling-v3-get-all","input":"tsk-1"})"));
    ASSERT_EQ(told(state), "ready https://cdn.example.com/v.mp4");
    const Ready& ready = std::get<Ready>(state);
    EXPECT_EQ(ready.ref, json::parse(R"({"task_id":"tsk-1","video_id":"mda-9","seconds":5.041})"));
    EXPECT_FALSE(ready.charged) << "units are Kling's price, not DMXAPI's";
    EXPECT_EQ(told(polled(k_v26_job, 200, envelope.dump())), "ready https://cdn.example.com/v.mp4")
        << "the same, as an older page has it for V2.6";
}

struct Told {
    const char* said; ///< the text of a response
    const char* state;
};

TEST_F(ResponsesTest, ReadsEveryStateOfAnEnvelopeInAText)
{
    for (const Told& row :
         {Told{R"({"code":0,"data":{"task_status":"submitted"}})", "running"},
          Told{R"({"code":0,"data":{"task_status":"processing"}})", "running"},
          Told{R"({"code":0,"data":{"task_status":"gpu_warming"}})", "running gpu_warming"},
          Told{R"({"code":0,"data":{}})", "running"},
          Told{R"({"code":0,"data":{"task_status":"succeed","task_result":{"videos":[]}}})", "missing"},
          Told{R"({"code":0,"data":{"task_status":"failed","task_status_msg":"node lost","final_unit_deduction":"0"}})",
               "refused retry untold"},
          Told{R"({"code":0,"data":{"task_status":"failed","task_status_msg":"risk control"}})", "refused untold"},
          Told{R"({"code":1203,"message":"task not exist"})", "missing"},
          Told{R"({"code":1102,"message":"Account balance not enough"})", "barred budget"},
          Told{R"({"code":1302,"message":"too fast"})", "unreachable"},
          Told{R"({"code":5000,"message":"internal"})", "unreachable"}, Told{R"({"taskId":"tsk-1"})", "unreachable"},
          Told{R"({"code":0,"data":{"task_status":"suc)", "running {\"code\":0,\"data\":{\"task_status\":\"suc"},
          Told{"[]", "running []"}}) {
        EXPECT_EQ(told(polled(k_v3_job, 200, response_saying(row.said).dump())), row.state) << row.said;
    }
}

TEST_F(ResponsesTest, ReadsTheLinesOfV26sStream)
{
    const std::string text = "任务ID: 8410363\n视频链接: https://v4.example.com/a_b-c.mp4?key=1&x=2\n时长: 5.041秒";
    const std::string stream =
        ": wait\n\n" + event_saying("in_progress", "") + event_saying("completed", text) + "data: [DONE]\n\n";
    const JobState state = polled(k_v26_job, 200, stream);
    EXPECT_EQ(takes_.server.last().json(),
              json::parse(R"({"model":"kling-text2video-get","input":"8410363","stream":true})"));
    ASSERT_EQ(told(state), "ready https://v4.example.com/a_b-c.mp4?key=1&x=2");
    EXPECT_EQ(std::get<Ready>(state).ref, json::parse(R"({"task_id":"8410363","seconds":5.041})"));
    EXPECT_FALSE(std::get<Ready>(state).charged);
}

TEST_F(ResponsesTest, ReadsWordsInAnyOrderAndClothes)
{
    const std::string film = "ready https://cdn.example.com/v.mp4";
    for (const Told& row :
         {Told{"**任务ID**：8410363\r\n**视频链接**：https://cdn.example.com/v.mp4\r\n**时长**：5秒", film.c_str()},
          Told{"Duration: 5.0\nVideo URL: [https://cdn.example.com/v.mp4](x)\nTask ID: 8410363", film.c_str()},
          Told{"视频链接:\n  https://cdn.example.com/v.mp4，", film.c_str()},
          Told{"视频链接（水印）: https://cdn.example.com/w.mp4\n视频链接: https://cdn.example.com/v.mp4.",
               film.c_str()},
          Told{"封面: https://cdn.example.com/c.jpg\n视频: https://cdn.example.com/v",
               "ready https://cdn.example.com/v"},
          Told{"任务状态: 处理中, 详见 https://www.dmxapi.cn/task", "running 处理中, 详见 https://www.dmxapi.cn/task"},
          Told{"任务状态: processing", "running"}, Told{"task status: SUCCEEDED", "missing"},
          Told{"任务状态: 成功", "missing"}, Told{"task status: FAILED", "refused retry untold"},
          Told{"任务状态: 失败\n原因: 内容违规 policy", "refused untold"},
          Told{"视频生成失败，请重试", "refused retry untold"}, Told{"任务不存在", "missing"},
          Told{"账户余额不足", "barred budget"}, Told{"the film is being made", "running the film is being made"},
          Told{"status: 500 error", "running status: 500 error"}}) {
        EXPECT_EQ(told(polled(k_v26_job, 200, event_saying("completed", row.said))), row.state) << row.said;
    }
}

TEST_F(ResponsesTest, AStreamThatWasCutOffIsNoEnd)
{
    const std::string done =
        event_saying("completed", "任务ID: 8410363\n视频链接: https://cdn.example.com/v.mp4\n时长: 5秒");
    const std::string before = event_saying("queued", "");
    EXPECT_EQ(told(polled(k_v26_job, 200, done)), "ready https://cdn.example.com/v.mp4");
    for (std::size_t length = 1; length + 3 < done.size(); length += 5) {
        EXPECT_EQ(told(polled(k_v26_job, 200, before + done.substr(0, length))), "running") << length;
    }
    for (const char* odd : {"", "data: [DONE]\n\n", ": keep-alive\n\n"}) {
        EXPECT_EQ(told(polled(k_v26_job, 200, odd)), "unreachable") << odd;
    }
}

TEST_F(ResponsesTest, OddAnswersToAQuestionAreNoEnd)
{
    struct Odd {
        int status;
        std::string body;
        const char* state;
    };
    const auto wrapped = [](int code) {
        return json{{"error", {{"message", "no"}, {"code", "dmxapi_kling_error_" + std::to_string(code)}}}}.dump();
    };
    for (const std::string& job : {k_v3_job, k_v26_job}) {
        for (const Odd& odd :
             {Odd{200, "{}", "unreachable"},
              Odd{200, R"({"output":[]})", "unreachable"},
              Odd{200, R"({"output":"x"})", "unreachable"},
              Odd{200, R"({"output":[{"content":"x"}]})", "unreachable"},
              Odd{200, R"({"status":"in_progress","output":[]})", "running"},
              Odd{200, R"({"status":"queued"})", "running"},
              Odd{200, R"({"status":"failed"})", "unreachable"},
              Odd{200, R"({"status":"failed","error":{"message":"task failed: node lost"}})", "refused retry untold"},
              Odd{200, R"({"status":"failed","error":{"message":"task not found"}})", "missing"},
              Odd{200, "<html>https://x.example.com/v.mp4</html>", "unreachable"},
              Odd{202, "", "running"},
              Odd{204, "", "running"},
              Odd{200, "", "unreachable"},
              Odd{429, "try again", "unreachable"},
              Odd{500, "https://x.example.com/v.mp4", "unreachable"},
              Odd{404, "no page", "unreachable"},
              Odd{400, "task status: FAILED", "refused retry untold"},
              Odd{400, R"({"error":{"message":"query: task status: FAILED","code":""}})", "refused retry untold"},
              Odd{400, R"({"error":{"message":"bad request","code":"x"}})", "unreachable"},
              Odd{401, R"({"error":{"message":"Invalid token"}})", "barred credentials"},
              Odd{404, wrapped(1203), "missing"},
              Odd{429, wrapped(1302), "unreachable"},
              Odd{429, wrapped(1102), "barred budget"},
              Odd{504, wrapped(5002), "unreachable"}}) {
            EXPECT_EQ(told(polled(job, odd.status, odd.body)), odd.state) << job << " " << odd.status << odd.body;
        }
    }
}

/// Whatever a poll meets, and however often: each of its requests asks, with the same words.
TEST_F(ResponsesTest, NoAnswerMakesAPollSubmit)
{
    const std::string answers[] = {"", "{}", "no json", R"({"error":{"message":"model not found","code":"x"}})",
                                   response_saying(R"({"code":1203,"message":"no such task"})").dump()};
    for (const int status : {200, 202, 302, 307, 308, 400, 401, 404, 408, 409, 429, 500, 502, 503, 504}) {
        for (const std::string& answer : answers) {
            takes_.server.answer(status, answer, {{"Location", takes_.server.base() + "/v1/responses"}});
            (void)takes_.poll(k_v3_job);
        }
    }
    EXPECT_EQ(takes_.server.seen().size(), 75U);
    for (const auto& seen : takes_.server.seen()) {
        EXPECT_EQ(seen.body, R"({"input":"tsk-1","model":"kling-v3-get-all"})");
    }
}

} // namespace
} // namespace longtake
