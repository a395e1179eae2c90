// What every business code and HTTP failure of the five services comes to.
#include "pipeline/providers/answer.h"
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
    for (const std::string& name : takes.settings.facts.keys) {
        takes.settings.keys[name] = "key-of-tests";
    }
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
        {204, "", "unclear", "unreachable"},
        {302, "", "give_up provider", "unreachable"},
        {400, "<html>bad</html>", "give_up provider", "unreachable"},
        {401, "", "stop credentials", "barred credentials"},
        {402, "", "stop budget", "barred budget"},
        {403, "", "stop credentials", "barred credentials"},
        {404, "<html>no such page</html>", "give_up provider", "unreachable"},
        {404, R"({"message":"not found"})", "give_up provider", "missing"},
        {408, "", "unclear", "unreachable"},
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

} // namespace
} // namespace longtake
