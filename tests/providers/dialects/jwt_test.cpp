#include "pipeline/providers/dialects/jwt.h"

#include "pipeline/base/secrets.h"

#include <gtest/gtest.h>
#include <jwt.h>

#include <memory>
#include <string>

namespace longtake::remote {
namespace {

using Jwt = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

/// The token read and its signature checked with the secret key; null if it is not right.
Jwt read(const std::string& token, const std::string& secret)
{
    jwt_t* jwt = nullptr;
    jwt_decode(&jwt, token.c_str(), reinterpret_cast<const unsigned char*>(secret.data()),
               static_cast<int>(secret.size()));
    return {jwt, &jwt_free};
}

TEST(TokenSignerTest, MakesTheTokenOfTheReference)
{
    // The reference's vector orders the members otherwise; what it says and what it is signed with are the same.
    const Jwt theirs =
        read("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBSy1leGFtcGxlIiwiZXhwIjoxODAwMDAxODAwLCJuYmY"
             "iOjE3OTk5OTk5OTV9.HikOzSHmIeMooYwOAU2z8sBSQZDuxZxfj0_xjGtuFFM",
             "SK-example");
    ASSERT_TRUE(theirs);
    TokenSigner signer("AK-example", "SK-example", [] { return 1'800'000'000; });
    const std::string token = signer.token();
    const Jwt ours = read(token, "SK-example");
    ASSERT_TRUE(ours);

    EXPECT_EQ(jwt_get_alg(ours.get()), JWT_ALG_HS256);
    EXPECT_STREQ(jwt_get_header(ours.get(), "typ"), "JWT");
    EXPECT_STREQ(jwt_get_grant(ours.get(), "iss"), jwt_get_grant(theirs.get(), "iss"));
    EXPECT_EQ(jwt_get_grant_int(ours.get(), "exp"), jwt_get_grant_int(theirs.get(), "exp"));
    EXPECT_EQ(jwt_get_grant_int(ours.get(), "nbf"), jwt_get_grant_int(theirs.get(), "nbf"));
    EXPECT_EQ(token.find('='), std::string::npos);
    EXPECT_FALSE(read(token, "another")) << "any key would do";
}

TEST(TokenSignerTest, SignsAnewWhenLessThanAMinuteIsLeft)
{
    std::int64_t now = 1'800'000'000;
    TokenSigner signer("AK-example", "SK-example", [&] { return now; });
    const std::string first = signer.token();
    now += 1740;
    EXPECT_EQ(signer.token(), first);
    now += 1;
    EXPECT_NE(signer.token(), first);
}

TEST(TokenSignerTest, GoesByTheServicesClockOnceItIsKnown)
{
    TokenSigner signer("AK-example", "SK-example", [] { return 1'800'000'000; });
    signer.token();
    signer.renew("Fri, 15 Jan 2027 07:30:00 GMT"); // half an hour behind ours
    const Jwt jwt = read(signer.token(), "SK-example");
    ASSERT_TRUE(jwt);
    EXPECT_EQ(jwt_get_grant_int(jwt.get(), "nbf"), 1'800'000'000 - 1800 - 5);
    EXPECT_EQ(jwt_get_grant_int(jwt.get(), "exp"), 1'800'000'000);
}

TEST(TokenSignerTest, KeepsItsTokensSecret)
{
    TokenSigner signer("AK-example", "SK-example-secret");
    const std::string token = signer.token();
    EXPECT_EQ(redact("sent " + token + " made of SK-example-secret"), "sent [hidden] made of [hidden]");
}

} // namespace
} // namespace longtake::remote
