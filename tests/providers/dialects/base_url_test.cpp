#include "pipeline/providers/dialects/base_url.h"

#include "tests/providers/remote_takes.h"

#include <gmock/gmock.h>

namespace longtake {
namespace {

using test::RemoteTakes;
using test::told;
using ::testing::HasSubstr;

struct WrongBase {
    const char* provider;
    const char* base;
    const char* right; ///< what the message proposes
};

void PrintTo(const WrongBase& row, std::ostream* out)
{
    *out << row.provider << " at " << row.base;
}

class CallPathTest : public ::testing::TestWithParam<WrongBase> {};
TEST_P(CallPathTest, IsToldBeforeAnythingIsSent)
{
    RemoteTakes takes(GetParam().provider);
    takes.use_keys();
    takes.settings.base_url = GetParam().base;
    try {
        takes.provider();
        FAIL() << "took it";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        EXPECT_THAT(error.what(), HasSubstr(takes.settings.facts.base_url_variable()));
        EXPECT_THAT(error.what(), ::testing::EndsWith(std::string("set it to ") + GetParam().right));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Paths, CallPathTest,
    ::testing::Values(WrongBase{"newapi", "https://gw.example.com/kling/v1", "https://gw.example.com"},
                      WrongBase{"newapi", "https://gw.example.com/team/kling/v1/videos/",
                                "https://gw.example.com/team"},
                      WrongBase{"dmxapi", "https://www.dmxapi.cn/kling", "https://www.dmxapi.cn"},
                      WrongBase{"dmxapi", "https://www.dmxapi.cn/v1", "https://www.dmxapi.cn"},
                      WrongBase{"kling", "https://api-beijing.klingai.com/v1", "https://api-beijing.klingai.com"},
                      WrongBase{"kling", "https://proxy.example.com/v1/videos", "https://proxy.example.com"},
                      WrongBase{"wavespeed", "https://api.wavespeed.ai/api/v3", "https://api.wavespeed.ai"},
                      WrongBase{"wavespeed", "https://proxy.example.com/API/v3", "https://proxy.example.com"},
                      WrongBase{"302ai", "https://api.302.ai/klingai", "https://api.302.ai"}));

/// The answer to a look that follows a submit; none where its status is 0.
struct LookReply {
    int status = 0;
    std::string body = {};
};

class OperatorsPathTest : public ::testing::TestWithParam<std::pair<const char*, const char*>> {
protected:
    OperatorsPathTest() : takes_(GetParam().first)
    {
        takes_.use_keys();
        right_ = takes_.settings.base_url;
        takes_.settings.base_url += GetParam().second;
    }

    /// As the operator of a gateway answers what it has no call for, and the look after it.
    std::string reason_of_submit(int status, const std::string& body, const char* expected, const LookReply& look = {})
    {
        takes_.server.answer(status, body);
        if (look.status != 0) {
            takes_.server.answer(look.status, look.body);
        }
        const Submission submission = takes_.submit(RemoteTakes::text_take());
        EXPECT_EQ(told(submission), expected);
        return test::reason(submission);
    }

    const std::string k_page = "<!doctype html><title>New API</title>";
    RemoteTakes takes_;
    std::string right_;
};

TEST_P(OperatorsPathTest, IsKeptAndNamedWhereThereIsNoSuchCall)
{
    const auto names_the_right_one = HasSubstr("set it to " + right_ + "; it answered: ");
    EXPECT_THAT(reason_of_submit(404, R"({"error":{"message":"Invalid URL"}})", "give_up provider"),
                names_the_right_one);
    EXPECT_THAT(reason_of_submit(404, "<html>404</html>", "give_up provider"), names_the_right_one);
    EXPECT_THAT(reason_of_submit(502, "<html>bad gateway</html>", "unclear"), HasSubstr("HTTP 502"));
    EXPECT_THAT(reason_of_submit(401, R"({"message":"wrong key"})", "stop credentials"),
                ::testing::Not(HasSubstr("set it to")));
}

TEST_P(OperatorsPathTest, WithPagesForEverythingIsWrong)
{
    EXPECT_THAT(reason_of_submit(200, k_page, "give_up usage", {200, k_page}),
                HasSubstr("set it to " + right_ + "; it answered: "));
    EXPECT_EQ(takes_.server.last().method, "GET") << "a look tells, which owes nothing";
}

TEST_P(OperatorsPathTest, WithAPageForASubmitAloneMayHaveTakenIt)
{
    EXPECT_THAT(reason_of_submit(200, k_page, "unclear", {404, R"({"code":1203,"message":"task not found"})"}),
                HasSubstr("set it to"));
    EXPECT_THAT(reason_of_submit(200, k_page, "unclear", {502, "<html>bad gateway</html>"}), HasSubstr("set it to"));
}

TEST_P(OperatorsPathTest, IsRightOnceSomethingAnswers)
{
    takes_.server.answer(R"({"code":200,"data":{"status":10,"task_status":"processing"}})");
    takes_.poll("text2video/8");
    EXPECT_THAT(reason_of_submit(200, "<!doctype html><title>one moment</title>", "unclear"),
                ::testing::Not(HasSubstr("set it to")));
}

INSTANTIATE_TEST_SUITE_P(Paths, OperatorsPathTest,
                         ::testing::Values(std::pair{"newapi", "/v1"}, std::pair{"newapi", "/kling"},
                                           std::pair{"dmxapi", "/kling"}, std::pair{"kling", "/v1"},
                                           std::pair{"302ai", "/klingai"}));

TEST(BaseUrlTest, APathOfAnOperatorsOwnIsKeptWithoutAWord)
{
    RemoteTakes takes("newapi");
    takes.use_keys();
    takes.settings.base_url += "/team/klingon";
    takes.server.answer(404, "<html>no such page</html>");
    EXPECT_THAT(test::reason(takes.submit(RemoteTakes::text_take())), ::testing::Not(HasSubstr("set it to")));
    EXPECT_EQ(takes.server.last().target, "/team/klingon/kling/v1/videos/text2video");
}

} // namespace
} // namespace longtake
