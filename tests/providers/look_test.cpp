// What a look at a task that is paid for comes to: every dialect, by what the look says.
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;
using test::RemoteTakes;
using test::told;

/// How a dialect says where a task stands.
struct Dialect {
    const char* name; ///< of the row
    const char* provider;
    const char* job;
    /// The reply for a state word, a footage address (or null), and a reason.
    std::string (*reply)(const json& word, const json& url, const std::string& reason);
    const char* done;
    const char* running;
    const char* failed;
    const char* charged; ///< what a failure without a deduction has cost
};

void PrintTo(const Dialect& dialect, std::ostream* out)
{
    *out << dialect.name;
}

std::string kling_reply(const json& word, const json& url, const std::string& reason)
{
    json data = {{"task_id", "8"}, {"task_status", word}, {"task_status_msg", reason}};
    data["task_result"]["videos"] = url.is_null() ? json::array() : json::array({{{"id", "9"}, {"url", url}}});
    return json{{"code", 0}, {"message", "SUCCEED"}, {"request_id", "req-7"}, {"data", data}}.dump();
}

std::string api2_reply(const json& word, const json& url, const std::string& reason)
{
    json task = {{"id", "8"}, {"status", word}, {"message", reason}, {"outputs", json::array()}};
    if (!url.is_null()) {
        task["outputs"].push_back({{"type", "video"}, {"id", "9"}, {"url", url}});
    }
    return json{{"code", 0}, {"message", "SUCCEED"}, {"data", {task}}}.dump();
}

std::string gateway_reply(const json& word, const json& url, const std::string& reason)
{
    return json{{"code", "success"},
                {"message", ""},
                {"data", {{"task_id", "8"}, {"status", word}, {"fail_reason", reason}, {"result_url", url}}}}
        .dump();
}

std::string openai_reply(const json& word, const json& url, const std::string& reason)
{
    return json{{"id", "8"},
                {"object", "video"},
                {"status", word},
                {"metadata", {{"url", url}}},
                {"error", {{"message", reason}}}}
        .dump();
}

std::string wavespeed_reply(const json& word, const json& url, const std::string& reason)
{
    return json{
        {"code", 200},
        {"message", "success"},
        {"data",
         {{"id", "8"}, {"status", word}, {"error", reason}, {"outputs", url.is_null() ? json::array() : json{url}}}}}
        .dump();
}

std::string ai302_reply(const json& word, const json& url, const std::string& reason)
{
    json data = {{"status", word}, {"message", reason}, {"works", json::array()}};
    if (!url.is_null()) {
        data["works"].push_back({{"resource", {{"resource", url}}}});
    }
    return json{{"result", 1}, {"message", ""}, {"data", data}}.dump();
}

class LookTest : public ::testing::TestWithParam<Dialect> {
protected:
    LookTest() : takes_(GetParam().provider) { takes_.use_keys(); }

    JobState look(const json& word, const json& url = nullptr, const std::string& reason = "")
    {
        takes_.server.answer(GetParam().reply(word, url, reason));
        return takes_.poll(GetParam().job);
    }

    RemoteTakes takes_;
};

TEST_P(LookTest, AnAddressIsAnEndWhateverTheWord)
{
    for (const char* word : {GetParam().done, GetParam().running, GetParam().failed, "POLISHING", ""}) {
        EXPECT_EQ(told(look(word, "https://cdn.example.com/v.mp4")), "ready https://cdn.example.com/v.mp4") << word;
    }
}

TEST_P(LookTest, AnAddressIsTrimmed)
{
    EXPECT_EQ(told(look(GetParam().done, " \thttps://cdn.example.com/v.mp4\r\n")),
              "ready https://cdn.example.com/v.mp4");
}

TEST_P(LookTest, AFinishedTakeWithoutFootageIsMissing)
{
    for (const json& none : {json(), json(""), json("null"), json("\n"), json("AAAAIGZ0eXA=")}) {
        const JobState state = look(GetParam().done, none);
        if (std::string_view(GetParam().provider) == "newapi") {
            EXPECT_EQ(told(state), "ready " + takes_.server.base() + "/v1/videos/8/content with key");
            continue;
        }
        EXPECT_EQ(told(state), "missing") << none;
        EXPECT_NE(test::reason(state).find("calls the take finished, but names no footage"), std::string::npos);
    }
}

TEST_P(LookTest, WordsOfFailureAreFailures)
{
    for (const char* word : {"failed", "FAIL", "Failure", "task_failed", "error", "internal_error", "ABORTED",
                             "rejected", "cancelled", "canceled", "deleted", "expired", "timeout", "TIMED_OUT"}) {
        const std::string state = told(look(word, nullptr, "node lost"));
        EXPECT_EQ(state.substr(0, 14), "refused retry ") << word;
    }
    EXPECT_EQ(told(look(GetParam().failed, nullptr, "node lost")), std::string("refused retry ") + GetParam().charged);
    EXPECT_EQ(told(look(GetParam().failed, nullptr, "Failure to pass the risk control system")),
              std::string("refused ") + GetParam().charged);
}

TEST_P(LookTest, KnownWordsOfRunningAreSilent)
{
    for (const char* word : {"submitted", "processing", "QUEUED", "pending", "running", "created", "NOT_START",
                             "IN_PROGRESS", "starting", GetParam().running}) {
        EXPECT_EQ(told(look(word)), "running") << word;
    }
}

TEST_P(LookTest, AnUnknownWordIsShown)
{
    EXPECT_EQ(told(look("polishing\n")), "running polishing");
}

TEST_P(LookTest, AWordOfSuccessIsNoReason)
{
    for (const char* word : {"SUCCEED", "success", "ok", "OK.", ""}) {
        EXPECT_EQ(test::reason(look(GetParam().failed, nullptr, word)).substr(0, 46),
                  "the service failed the take and gave no reason")
            << word;
    }
    EXPECT_EQ(test::reason(look(GetParam().failed, nullptr, "Image pixel is invalid")).substr(0, 22),
              "Image pixel is invalid");
}

TEST_P(LookTest, AnEmptyNotYetIsRunning)
{
    for (const int status : {202, 204}) {
        takes_.server.answer(status, "");
        EXPECT_EQ(told(takes_.poll(GetParam().job)), "running") << status;
    }
}

/// Whatever a look that says no says, the task is not refused: it is paid for.
TEST_P(LookTest, ANoIsNoRefusal)
{
    const std::string bodies[] = {
        "",
        "<html>not found</html>",
        "{}",
        "[]",
        "null",
        R"({"code":0,"data":[]})",
        R"({"code":0,"data":null})",
        R"({"code":1203,"message":"task not found"})",
        R"({"code":1103,"message":"no permission"})",
        R"({"code":1201,"message":"invalid parameter"})",
        R"({"code":1301,"message":"content"})",
        R"({"code":"task_not_exist","message":"task_not_exist","data":null})",
        R"({"code":"invalid_request","message":"no","data":null})",
        R"({"error":{"message":"no such task","code":"x"}})",
        R"({"error":{"err_code":-10010,"message":"resource not found"}})",
        R"({"error":{"err_code":-10009,"message":"not supported"}})",
        R"({"code":404,"message":"not found"})",
        R"({"code":400,"message":"bad id"})",
        R"({"message":"Failure to pass the risk control system"})",
    };
    for (const std::string& body : bodies) {
        for (const int status : {200, 400, 401, 403, 404, 410, 422, 429, 500, 502}) {
            takes_.server.answer(status, body);
            takes_.server.answer(status, body); // a second address to look at
            const std::string state = told(takes_.poll(GetParam().job));
            EXPECT_NE(state.substr(0, 7), "refused") << status << ' ' << body;
            EXPECT_NE(state.substr(0, 5), "ready") << status << ' ' << body;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Dialects, LookTest,
    ::testing::Values(
        Dialect{"kling", "kling", "text2video/8", kling_reply, "succeed", "processing", "failed", "untold"},
        Dialect{"kling2", "kling", "tasks/8", api2_reply, "succeeded", "processing", "failed", "untold"},
        Dialect{"dmxapi", "dmxapi", "text2video/8", kling_reply, "succeed", "processing", "failed", "untold"},
        Dialect{"newapi", "newapi", "text2video/8", gateway_reply, "SUCCESS", "IN_PROGRESS", "FAILURE", "untold"},
        Dialect{"passed", "newapi", "text2video/8", kling_reply, "succeed", "processing", "failed", "untold"},
        Dialect{"openai", "newapi", "text2video/8", openai_reply, "completed", "in_progress", "failed", "untold"},
        Dialect{"wavespeed", "wavespeed", "8", wavespeed_reply, "completed", "processing", "failed", "free"},
        Dialect{"302ai", "302ai", "8", ai302_reply, "99", "10", "50", "free"}),
    [](const auto& row) { return row.param.name; });

/// "There is no such task", in each dialect's words.
struct NotFound {
    const char* provider;
    const char* job;
    int status;
    const char* body;
};

void PrintTo(const NotFound& row, std::ostream* out)
{
    *out << row.provider << ' ' << row.status << ' ' << row.body;
}

class NotFoundTest : public ::testing::TestWithParam<NotFound> {};
TEST_P(NotFoundTest, IsMissing)
{
    RemoteTakes takes(GetParam().provider);
    takes.use_keys();
    takes.server.answer(GetParam().status, GetParam().body);
    takes.server.answer(GetParam().status, GetParam().body); // a second address to look at
    EXPECT_EQ(told(takes.poll(GetParam().job)), "missing");
}

INSTANTIATE_TEST_SUITE_P(
    Words, NotFoundTest,
    ::testing::Values(
        NotFound{"kling", "text2video/8", 404, R"({"code":1203,"message":"task not found","request_id":"r"})"},
        NotFound{"kling", "text2video/8", 200, R"({"code":1203,"message":"task not found"})"},
        NotFound{"kling", "text2video/8", 403, R"({"code":1103,"message":"no permission for this resource"})"},
        NotFound{"kling", "text2video/8", 404, R"({"message":"no Route matched"})"},
        NotFound{"kling", "tasks/8", 200, R"({"code":0,"data":[]})"},
        NotFound{"kling", "tasks/8", 200, R"({"code":0,"data":[{"id":"7","status":"succeeded"}]})"},
        NotFound{"kling", "tasks/8", 404, R"({"code":1203,"message":"task not found"})"},
        NotFound{"dmxapi", "text2video/8", 404, R"({"code":1203,"message":"task not found"})"},
        NotFound{"newapi", "text2video/8", 400, R"({"code":"task_not_exist","message":"task_not_exist","data":null})"},
        NotFound{"newapi", "text2video/8", 200, R"({"code":"task_not_exist","message":"","data":null})"},
        NotFound{"newapi", "text2video/8", 404, R"({"error":{"message":"not found","type":"new_api_error"}})"},
        NotFound{"newapi", "text2video/8", 404,
                 R"({"code":"fail_to_fetch_task","message":"{\"code\":1203,\"message\":\"gone\"}","data":null})"},
        NotFound{"302ai", "8", 404, R"({"error":{"err_code":-10010,"message":"resource not found"}})"},
        NotFound{"302ai", "8", 200, R"({"error":{"err_code":-10010,"message":"资源不存在"}})"},
        NotFound{"302ai", "8", 200, R"({"result":0,"message":"task not found","data":null})"},
        NotFound{"wavespeed", "8", 404, R"({"code":404,"message":"prediction not found"})"},
        NotFound{"wavespeed", "8", 200, R"({"code":404,"message":"prediction not found"})"}));

/// What a failed task has cost, where the reply tells.
struct Charge {
    const char* provider;
    const char* job;
    const char* body;
    const char* state;
};

void PrintTo(const Charge& row, std::ostream* out)
{
    *out << row.provider << ' ' << row.body;
}

class ChargeTest : public ::testing::TestWithParam<Charge> {};
TEST_P(ChargeTest, IsWhatTheReplyTells)
{
    RemoteTakes takes(GetParam().provider);
    takes.use_keys();
    takes.server.answer(GetParam().body);
    EXPECT_EQ(told(takes.poll(GetParam().job)), GetParam().state);
}

INSTANTIATE_TEST_SUITE_P(
    Failures, ChargeTest,
    ::testing::Values(
        Charge{"kling", "text2video/8", R"({"code":0,"data":{"task_status":"failed","final_unit_deduction":"0"}})",
               "refused retry free"},
        Charge{"kling", "text2video/8", R"({"code":0,"data":{"task_status":"failed","final_unit_deduction":"2"}})",
               "refused retry charged"},
        Charge{"kling", "text2video/8", R"({"code":0,"data":{"task_status":"failed"}})", "refused retry untold"},
        Charge{"kling", "tasks/8",
               R"({"code":0,"data":[{"id":"8","status":"failed","billing":[{"charge_type":"unit","amount":"0"}]}]})",
               "refused retry free"},
        Charge{"kling", "tasks/8",
               R"({"code":0,"data":[{"id":"8","status":"failed","billing":[{"charge_type":"unit","amount":"4"}]}]})",
               "refused retry charged"},
        Charge{"kling", "tasks/8", R"({"code":0,"data":[{"id":"8","status":"failed","billing":[]}]})",
               "refused retry untold"},
        Charge{"dmxapi", "text2video/8", R"({"code":0,"data":{"task_status":"failed","final_unit_deduction":"0"}})",
               "refused retry untold"},
        Charge{"newapi", "text2video/8", R"({"code":0,"data":{"task_status":"failed","final_unit_deduction":"0"}})",
               "refused retry untold"},
        Charge{"302ai", "8", R"({"result":1,"data":{"status":"50"}})", "refused retry free"},
        Charge{"302ai", "8", R"({"result":1,"data":{"status":9}})", "refused retry untold"},
        Charge{"302ai", "8", R"({"result":1,"data":{"status":"failed"}})", "refused retry untold"},
        Charge{"wavespeed", "8", R"({"code":200,"data":{"status":"timeout"}})", "refused retry free"},
        Charge{"wavespeed", "8",
               R"({"code":200,"data":{"status":"completed","outputs":[],"has_nsfw_contents":[true]}})",
               "refused untold"}));

} // namespace
} // namespace longtake
