// What every business code and HTTP failure of the five services comes to.
#include "pipeline/providers/dialects/answer.h"
#include "tests/providers/remote_takes.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using test::RemoteTakes;
using test::told;

struct Row {
    int status;
    std::string body;
    const char* submitted; ///< what it means for a submit
    const char* polled;    ///< and for a task that is paid for
};

void PrintTo(const Row& row, std::ostream* out)
{
    *out << row.status << ' ' << row.body;
}

void check(const char* provider, const Row& row)
{
    RemoteTakes takes(provider);
    takes.use_keys();
    takes.server.answer(row.status, row.body);
    EXPECT_EQ(told(takes.submit(RemoteTakes::text_take())), row.submitted);
    EXPECT_EQ(takes.server.seen().size(), 1U) << "a submit is sent once";
    takes.server.answer(row.status, row.body);
    takes.server.answer(row.status, row.body); // a second address to look at
    EXPECT_EQ(told(takes.poll("text2video/8")), row.polled);
}

std::string kling_says(int code)
{
    return R"({"code":)" + std::to_string(code) + R"(,"message":"said so","request_id":"req-7"})";
}

std::vector<Row> kling_codes()
{
    return {
        {401, kling_says(1000), "stop credentials", "barred credentials"},
        {401, kling_says(1001), "stop credentials", "barred credentials"},
        {401, kling_says(1002), "stop credentials", "barred credentials"},
        {401, kling_says(1003), "stop credentials", "barred credentials"},
        {401, kling_says(1004), "stop credentials", "barred credentials"},
        {429, kling_says(1100), "stop budget", "barred budget"},
        {429, kling_says(1101), "stop budget", "barred budget"},
        {429, kling_says(1102), "stop budget", "barred budget"},
        {200, kling_says(1102), "stop budget", "barred budget"}, // the code counts, whatever the status
        {403, kling_says(1103), "give_up credentials", "missing"},
        {400, kling_says(1200), "give_up provider", "missing"},
        {400, kling_says(1201), "give_up provider", "missing"},
        {404, kling_says(1202), "give_up provider", "missing"},
        {404, kling_says(1203), "give_up provider", "missing"},
        {400, kling_says(1300), "give_up provider", "missing"},
        {400, kling_says(1301), "give_up provider", "missing"},
        {500, kling_says(1301), "give_up provider", "missing"},
        {429, kling_says(1302), "back_off pending", "unreachable"},
        {429, kling_says(1303), "wait_for_slot pending", "unreachable"},
        {429, kling_says(1304), "stop credentials", "barred credentials"},
        {400, kling_says(1999), "give_up provider", "missing"},
        {500, kling_says(5000), "unclear", "unreachable"},
        {503, kling_says(5001), "unclear", "unreachable"},
        {504, kling_says(5002), "unclear", "unreachable"},
        {500, kling_says(5999), "unclear", "unreachable"},
    };
}

/// No code to go by: what the status says, and for a paid task only what cannot be the way there.
std::vector<Row> bare_statuses()
{
    return {
        {200, "<html>hello</html>", "unclear", "unreachable"},
        {200, "{}", "unclear", "unreachable"},
        {202, "", "unclear", "running"},
        {202, "<html>hold on</html>", "unclear", "unreachable"},
        {204, "", "unclear", "running"},
        {302, "", "give_up provider", "unreachable"},
        {400, "<html>bad</html>", "give_up provider", "unreachable"},
        {401, "", "stop credentials", "barred credentials"},
        {402, "", "stop budget", "barred budget"},
        {403, "", "stop credentials", "barred credentials"},
        {403, R"({"message":"no permission for this task"})", "stop credentials", "missing"},
        {403, R"({"message":"the task belongs to another user"})", "stop credentials", "missing"},
        {400, R"({"message":"task not found"})", "give_up provider", "missing"},
        {400, R"({"message":"任务不存在"})", "give_up provider", "missing"},
        {404, "<html>no such page</html>", "give_up provider", "unreachable"},
        {404, R"({"message":"not found"})", "give_up provider", "missing"},
        {404, R"({"timestamp":"now","status":404,"error":"Not Found"})", "give_up provider", "missing"},
        {408, "", "unclear", "unreachable"},
        {409, R"({"message":"conflict"})", "unclear", "unreachable"}, // perhaps with the same submit
        {413, "<html>413 Request Entity Too Large</html>", "give_up provider", "unreachable"},
        {422, R"({"message":"what is this"})", "give_up provider", "unreachable"},
        {429, "<html>slow down</html>", "back_off pending", "unreachable"},
        {500, "", "unclear", "unreachable"},
        {502, "<html>load balancer: balance not enough</html>", "unclear", "unreachable"},
        {503, "<html>upstream</html>", "unclear", "unreachable"},
        {504, R"({"message":"gateway timeout, too many requests"})", "unclear", "unreachable"},
    };
}

class KlingOutcomeTest : public ::testing::TestWithParam<Row> {};
TEST_P(KlingOutcomeTest, IsWhatTheCodeSays)
{
    check("kling", GetParam());
    check("dmxapi", GetParam());
    check("newapi", GetParam());
}
INSTANTIATE_TEST_SUITE_P(Codes, KlingOutcomeTest, ::testing::ValuesIn(kling_codes()));

class StatusOutcomeTest : public ::testing::TestWithParam<Row> {};
TEST_P(StatusOutcomeTest, IsTheSameEverywhere)
{
    for (const char* provider : {"kling", "dmxapi", "newapi", "wavespeed", "302ai"}) {
        SCOPED_TRACE(provider);
        check(provider, GetParam());
    }
}
INSTANTIATE_TEST_SUITE_P(Statuses, StatusOutcomeTest, ::testing::ValuesIn(bare_statuses()));

class NewapiOutcomeTest : public ::testing::TestWithParam<Row> {};
TEST_P(NewapiOutcomeTest, IsWhatTheGatewayMeans)
{
    check("newapi", GetParam());
}

std::string task_error(const std::string& code, const std::string& message)
{
    return nlohmann::json{{"code", code}, {"message", message}, {"data", nullptr}}.dump();
}

INSTANTIATE_TEST_SUITE_P(
    Codes, NewapiOutcomeTest,
    ::testing::Values(
        Row{401, R"({"error":{"message":"invalid token, request id 1","type":"new_api_error","code":""}})",
            "stop credentials", "barred credentials"},
        Row{403, R"({"error":{"message":"user quota","type":"new_api_error","code":"insufficient_user_quota"}})",
            "stop budget", "barred budget"},
        Row{503,
            R"({"error":{"message":"No available channel for model","type":"new_api_error","code":"model_not_found"}})",
            "back_off pending", "unreachable"},
        Row{429, R"({"error":{"message":"slow down","type":"new_api_error","code":""}})", "back_off pending",
            "unreachable"},
        Row{400, task_error("invalid_request", "duration"), "give_up provider", "missing"},
        Row{400, task_error("task_not_exist", "task_not_exist"), "give_up provider", "missing"},
        Row{500, task_error("do_request_failed", "post: EOF"), "unclear", "unreachable"},
        Row{500, task_error("build_request_failed", "no"), "give_up provider", "missing"},
        Row{400, task_error("task_failed", "account balance not enough"), "stop budget", "barred budget"},
        Row{400, task_error("task_failed", "parallel task over resource pack limit"), "wait_for_slot pending",
            "unreachable"},
        // Kling's own envelope as text in the message
        Row{429, task_error("fail_to_fetch_task", kling_says(1303)), "wait_for_slot pending", "unreachable"},
        Row{429, task_error("fail_to_fetch_task", kling_says(1102)), "stop budget", "barred budget"},
        Row{400, task_error("fail_to_fetch_task", "upstream: " + kling_says(1301)), "give_up provider", "missing"},
        Row{500, task_error("fail_to_fetch_task", kling_says(5000)), "unclear", "unreachable"},
        Row{500, task_error("fail_to_fetch_task", "<html>"), "unclear", "unreachable"}));

class Ai302OutcomeTest : public ::testing::TestWithParam<Row> {};
TEST_P(Ai302OutcomeTest, IsWhatTheCodeSays)
{
    check("302ai", GetParam());
}

std::string ai302_says(int code)
{
    return R"({"error":{"err_code":)" + std::to_string(code) + R"(,"message":"said so"}})";
}

INSTANTIATE_TEST_SUITE_P(Codes, Ai302OutcomeTest,
                         ::testing::Values(Row{401, ai302_says(-10001), "stop credentials", "barred credentials"},
                                           Row{401, ai302_says(-10002), "stop credentials", "barred credentials"},
                                           Row{400, ai302_says(-10003), "unclear", "unreachable"},
                                           Row{400, ai302_says(-10004), "stop budget", "barred budget"},
                                           Row{401, ai302_says(-10005), "stop credentials", "barred credentials"},
                                           Row{429, ai302_says(-10006), "stop budget", "barred budget"},
                                           Row{429, ai302_says(-10007), "stop budget", "barred budget"},
                                           Row{503, ai302_says(-10008), "back_off pending", "unreachable"},
                                           Row{400, ai302_says(-10009), "give_up provider", "missing"},
                                           Row{404, ai302_says(-10010), "give_up provider", "missing"},
                                           Row{400, ai302_says(-10011), "give_up provider", "missing"},
                                           Row{429, ai302_says(-10012), "back_off pending", "unreachable"},
                                           Row{429, ai302_says(-10018), "stop budget", "barred budget"},
                                           Row{504, ai302_says(-1024), "unclear", "unreachable"},
                                           Row{400, R"({"message":"insufficient balance"})", "stop budget",
                                               "barred budget"}));

class WavespeedOutcomeTest : public ::testing::TestWithParam<Row> {};
TEST_P(WavespeedOutcomeTest, IsWhatTheCodeSays)
{
    check("wavespeed", GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Codes, WavespeedOutcomeTest,
    ::testing::Values(
        Row{400, R"({"code":400,"message":"property \"prompt\" is missing"})", "give_up provider", "unreachable"},
        Row{200, R"({"code":400,"message":"property \"prompt\" is missing"})", "give_up provider", "unreachable"},
        Row{401, R"({"code":401,"message":"invalid api key"})", "stop credentials", "barred credentials"},
        Row{400, R"({"code":400,"message":"Insufficient balance, please top up"})", "stop budget", "barred budget"},
        Row{404, R"({"code":404,"message":"model not found"})", "give_up provider", "missing"},
        Row{429, R"({"code":429,"message":"rate limit"})", "back_off pending", "unreachable"},
        Row{500, R"({"code":5004,"message":"Sync mode timed out"})", "unclear", "unreachable"},
        Row{200, R"({"code":500,"message":"internal"})", "unclear", "unreachable"},
        Row{200, R"({"code":200,"message":"success","data":{}})", "unclear", "running"}));

TEST(OutcomeTest, NamesMessageCodeAndRequest)
{
    RemoteTakes takes("kling");
    takes.settings.keys = {{"KLING_API_KEY", "key-of-tests"}};
    takes.server.answer(429,
                        R"({"code":1102,"message":"balance not enough for key-of-tests","request_id":"6bcd2a0e"})");
    EXPECT_EQ(test::reason(takes.submit(RemoteTakes::text_take())),
              "balance not enough for [hidden] (code 1102, HTTP 429, request 6bcd2a0e)");
    takes.server.answer(301, "");
    EXPECT_EQ(test::reason(takes.submit(RemoteTakes::text_take())),
              "the service answered with a redirect; check the base URL (HTTP 301)");
}

TEST(OutcomeTest, ASubmitWithoutAnAnswerIsClearOnlyIfItNeverLeft)
{
    EXPECT_EQ(told(remote::submission_of(http::Failure{true, false, "reset"})), "unclear");
    EXPECT_EQ(told(remote::submission_of(http::Failure{true, true, "stopped"})), "unclear");
    EXPECT_EQ(told(remote::submission_of(http::Failure{false, false, "refused"})), "back_off pending");
    EXPECT_EQ(told(remote::submission_of(http::Failure{false, true, "stopped"})), "back_off interrupted");
}

TEST(OutcomeTest, ASubmitThatNeverLeftMayBeSentAgain)
{
    RemoteTakes takes("kling");
    takes.settings.keys = {{"KLING_API_KEY", "key-of-tests"}};
    takes.settings.base_url = "http://127.0.0.1:1"; // nobody listens there
    EXPECT_EQ(told(takes.submit(RemoteTakes::text_take())), "back_off pending");
    EXPECT_EQ(told(takes.poll("text2video/8")), "unreachable");
    EXPECT_EQ(told(takes.search(RemoteTakes::text_take())), "not reached");
}

TEST(OutcomeTest, ATooLargeRequestIsToldWithWhatHelps)
{
    for (const char* provider : {"kling", "newapi", "dmxapi", "302ai", "wavespeed"}) {
        RemoteTakes takes(provider);
        takes.use_keys();
        takes.server.answer(413, "<html>413 Request Entity Too Large</html>");
        const std::string reason = test::reason(takes.submit(RemoteTakes::text_take()));
        EXPECT_NE(reason.find("refuses requests of this size"), std::string::npos) << reason;
        EXPECT_NE(reason.find("prepare --max-side"), std::string::npos) << reason;
        EXPECT_NE(reason.find("HTTP 413"), std::string::npos) << reason;
    }
}

TEST(OutcomeTest, APageInPlaceOfDataIsTold)
{
    RemoteTakes takes("kling");
    takes.settings.keys = {{"KLING_API_KEY", "key-of-tests"}};
    takes.server.answer(200, "<!doctype html><title>New API</title>");
    EXPECT_EQ(test::reason(takes.submit(RemoteTakes::text_take())),
              "the service answered with a web page instead of data; check the base URL (HTTP 200)");
}

/// How our own id may be refused as one that is there already. No service documents it.
struct Refusal {
    const char* provider;
    int status;
    std::string body;
    const char* submitted;
};

void PrintTo(const Refusal& row, std::ostream* out)
{
    *out << row.provider << ' ' << row.status << ' ' << row.body;
}

std::string kling_words(int code, const std::string& message)
{
    return nlohmann::json{{"code", code}, {"message", message}, {"request_id", "req-7"}}.dump();
}

class DuplicateTest : public ::testing::TestWithParam<Refusal> {};
TEST_P(DuplicateTest, ProvesAnEarlierSubmit)
{
    RemoteTakes takes(GetParam().provider);
    takes.use_keys();
    takes.server.answer(GetParam().status, GetParam().body);
    EXPECT_EQ(told(takes.submit(RemoteTakes::text_take())), GetParam().submitted);
    TakeRequest newer = RemoteTakes::text_take();
    newer.model = "kling-v3"; // by API 2.0
    if (std::string_view(GetParam().provider) == "kling") {
        takes.server.answer(GetParam().status, GetParam().body);
        EXPECT_EQ(told(takes.submit(newer)), GetParam().submitted);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Words, DuplicateTest,
    ::testing::Values(Refusal{"kling", 400, kling_words(1201, "external_task_id is duplicate"), "duplicate"},
                      Refusal{"kling", 400, kling_words(1201, "The external_task_id already exists"), "duplicate"},
                      Refusal{"kling", 400, kling_words(1201, "external_task_id must be unique"), "duplicate"},
                      Refusal{"kling", 400, kling_words(1201, "Duplicated id"), "duplicate"},
                      Refusal{"kling", 400, kling_words(1200, "external task id repeated"), "duplicate"},
                      Refusal{"kling", 400, kling_words(1201, "external_task_id 重复"), "duplicate"},
                      Refusal{"kling", 400, kling_words(1201, "该任务已存在"), "duplicate"},
                      Refusal{"kling", 409, kling_words(1999, "task with this external_task_id exists"), "duplicate"},
                      Refusal{"kling", 409, R"({"message":"external_task_id conflict"})", "duplicate"},
                      Refusal{"kling", 500, kling_words(5000, "duplicate key external_task_id"), "duplicate"},
                      Refusal{"dmxapi", 400, kling_words(1201, "external_task_id is duplicate"), "duplicate"},
                      Refusal{"newapi", 400, task_error("task_failed", "external_task_id is duplicate"), "duplicate"},
                      Refusal{"newapi", 400,
                              task_error("fail_to_fetch_task", kling_words(1201, "external_task_id already exists")),
                              "duplicate"},
                      // and what is none
                      Refusal{"kling", 400, kling_words(1201, "external_task_id is too long"), "give_up provider"},
                      Refusal{"kling", 400, kling_words(1201, "the parent task does not exist"), "give_up provider"},
                      Refusal{"kling", 404, kling_words(1203, "task not exists"), "give_up provider"},
                      Refusal{"kling", 400, kling_words(1301, "duplicate faces in the picture"), "give_up provider"},
                      Refusal{"kling", 429, kling_words(1302, "too many requests for this task, duplicate or not"),
                              "back_off pending"}));

/// How long a service asks to be left alone.
class AskedPauseTest : public ::testing::TestWithParam<const char*> {
protected:
    AskedPauseTest() : takes_(GetParam()) { takes_.use_keys(); }

    RemoteTakes takes_;
};

TEST_P(AskedPauseTest, IsKeptForSubmitsAndLooks)
{
    using std::chrono::seconds;
    for (const int status : {429, 503}) {
        const std::string busy = R"({"code":")" + std::to_string(status) + R"(","message":"rate limit"})";
        takes_.server.answer(status, busy, {{"Retry-After", "17"}});
        const Submission submission = takes_.submit(RemoteTakes::text_take());
        if (const auto* declined = std::get_if<Declined>(&submission)) {
            EXPECT_EQ(declined->retry_after, seconds(17)) << status;
        } else {
            EXPECT_EQ(told(submission), "unclear") << "a 503 may have created something";
        }
        takes_.server.answer(status, busy, {{"Retry-After", "17"}});
        const JobState state = takes_.poll("text2video/8");
        ASSERT_EQ(told(state), "unreachable");
        EXPECT_EQ(std::get<Unreachable>(state).retry_after, seconds(17)) << status;
    }
}

INSTANTIATE_TEST_SUITE_P(Services, AskedPauseTest,
                         ::testing::Values("kling", "newapi", "dmxapi", "wavespeed", "302ai"));

TEST(OutcomeTest, TheAskedPauseMayBeADate)
{
    RemoteTakes takes("kling");
    takes.settings.keys = {{"KLING_API_KEY", "key-of-tests"}};
    takes.server.answer(429, kling_says(1302),
                        {{"Retry-After", "Sun, 06 Nov 1994 08:50:00 GMT"}, {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}});
    const Submission submission = takes.submit(RemoteTakes::text_take());
    ASSERT_EQ(told(submission), "back_off pending");
    EXPECT_EQ(std::get<Declined>(submission).retry_after, std::chrono::seconds(23));
}

TEST(OutcomeTest, TheAskedPauseOfASearchIsKept)
{
    for (const char* provider : {"kling", "dmxapi"}) {
        for (const char* model : {"kling-v1-6", "kling-v3"}) {
            RemoteTakes takes(provider);
            takes.use_keys();
            takes.server.answer(503, kling_says(5001), {{"Retry-After", "40"}});
            TakeRequest request = RemoteTakes::text_take();
            request.model = model;
            const Search search = takes.search(request);
            EXPECT_EQ(told(search), "not reached");
            EXPECT_EQ(search.retry_after, std::chrono::seconds(40)) << provider << ' ' << model;
        }
    }
}

} // namespace
} // namespace longtake
