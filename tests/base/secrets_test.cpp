#include "pipeline/base/secrets.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

// What is remembered stays so for the life of the process: every test has secrets of its own.

TEST(SecretsTest, LeavesOrdinaryTextAlone)
{
    for (const std::string text : {"", "shot 'pier': HTTP 500, task 784512", "the bearer of bad news", "Bearer: none",
                                   "an eyJ in passing", "design=sharp", "https://cdn.example.com/a.mp4?size=1080"}) {
        EXPECT_EQ(redact(text), text);
    }
}

TEST(SecretsTest, HidesWhatItWasTold)
{
    keep_secret("ak-7f3e9c");
    EXPECT_EQ(redact("key ak-7f3e9c refused; ak-7f3e9c"), "key [hidden] refused; [hidden]");
    EXPECT_EQ(redact("ak-7f3e9cak-7f3e9c!"), "[hidden]!");
}

TEST(SecretsTest, DoesNotRememberWhatIsTooShort)
{
    keep_secret("pixel");
    keep_secret("");
    EXPECT_EQ(redact("a pixel"), "a pixel");
    keep_secret("pixel6");
    EXPECT_EQ(redact("a pixel6"), "a [hidden]");
}

TEST(SecretsTest, HidesEncodedSpellings)
{
    keep_secret("p/q+r=stu v");
    EXPECT_EQ(redact("?k=p%2Fq%2Br%3Dstu%20v&x=1"), "?k=[hidden]&x=1");
    EXPECT_EQ(redact("?k=p%2fq%2br%3dstu%20v&x=1"), "?k=[hidden]&x=1");
    EXPECT_EQ(redact(R"({"k":"p\/q+r=stu v"})"), R"({"k":"[hidden]"})");
}

TEST(SecretsTest, HidesSecretsThatOverlap)
{
    keep_secret("abcd-1234-efgh");
    keep_secret("efgh-5678-ijkl");
    keep_secret("1234-efgh-5678");
    EXPECT_EQ(redact("<abcd-1234-efgh-5678-ijkl>"), "<[hidden]>");
}

TEST(SecretsTest, HidesTheLongerOfTwoWhole)
{
    keep_secret("shared-prefix");
    keep_secret("shared-prefix-and-more");
    EXPECT_EQ(redact("<shared-prefix-and-more>"), "<[hidden]>");
}

TEST(SecretsTest, HidesWhatIsLeftOfOneCutShort)
{
    keep_secret("zx81-4c5d6e7f8a9b0c1d");
    EXPECT_EQ(redact("invalid key zx81-4c5d6e7f8a..."), "invalid key [hidden]...");
    EXPECT_EQ(redact("invalid key zx81-4c5d6e"), "invalid key [hidden]");
    EXPECT_EQ(redact("invalid key zx81-****"), "invalid key zx81-****");
}

TEST(SecretsTest, ASecretThatIsAWordOfTheReplacementIsNoTrouble)
{
    keep_secret("hidden");
    EXPECT_EQ(redact("hidden [hidden]"), "[hidden] [[hidden]]");
}

TEST(SecretsTest, HidesBearerTokensItWasNotTold)
{
    EXPECT_EQ(redact("Authorization: Bearer abc.DEF-1~2/3+4=, next"), "Authorization: Bearer [hidden], next");
    EXPECT_EQ(redact("authorization: bearer abcdef"), "authorization: bearer [hidden]");
    EXPECT_EQ(redact("Bearer abc"), "Bearer abc");
}

TEST(SecretsTest, HidesSignedTokensWholeOrCutShort)
{
    const std::string head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    const std::string claims = "eyJpc3MiOiJhayIsImV4cCI6MX0";
    EXPECT_EQ(redact("token " + head + "." + claims + ".c2ln-_bmF0dXJl is bad"), "token [hidden] is bad");
    EXPECT_EQ(redact("token " + head + "." + claims.substr(0, 9)), "token [hidden]");
    EXPECT_EQ(redact("token " + head.substr(0, 20) + "\""), "token [hidden]\"");
    EXPECT_EQ(redact(head + " " + claims), "[hidden] [hidden]");
}

TEST(SecretsTest, HidesTheSignatureOfAnAddress)
{
    EXPECT_EQ(redact("https://cdn.example.com/a.mp4?Expires=1&Signature=ab%2Fcd%3D&x=1"),
              "https://cdn.example.com/a.mp4?Expires=1&Signature=[hidden]&x=1");
    EXPECT_EQ(redact("https://cdn.example.com/a.mp4?X-Amz-Signature=0123456789abcdef"),
              "https://cdn.example.com/a.mp4?X-Amz-Signature=[hidden]");
}

// std::regex ran out of stack on these: a server may answer with anything.
TEST(SecretsTest, HidesEndlessTokens)
{
    const std::string endless(4'000'000, 'A');
    EXPECT_EQ(redact("Bearer " + endless), "Bearer [hidden]");
    EXPECT_EQ(redact("eyJ" + endless), "[hidden]");
}

} // namespace
} // namespace longtake
