#include "pipeline/http/url.h"

#include "pipeline/base/error.h"
#include "pipeline/http/address.h"

#include <gtest/gtest.h>

namespace longtake::http {
namespace {

TEST(HttpUrlTest, TakesAnAddressApart)
{
    const Url url = parse_url("HTTPS://API.Example.com/v1/videos?page=2#top");
    EXPECT_EQ(url.scheme, "https");
    EXPECT_EQ(url.host, "api.example.com");
    EXPECT_EQ(url.port, 443);
    EXPECT_EQ(url.path, "/v1/videos?page=2");

    EXPECT_EQ(parse_url("http://[::1]:8080").host, "::1");
    EXPECT_EQ(parse_url("http://[::1]:8080").port, 8080);
    EXPECT_EQ(parse_url("http://localhost").path, "/");
    EXPECT_EQ(parse_url("http://2130706433/").host, "127.0.0.1"); // as curl will read it
}

TEST(HttpUrlTest, RefusesWhatIsNoWebAddressWithoutShowingIt)
{
    for (const std::string text :
         {"", "example", "ftp://example.com/?sig=1", "https://", "https://user:pass@example.com",
          "https://exa mple.com/?sig=1", "https://example.com:99999/?sig=1"}) {
        try {
            (void)parse_url(text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage);
            EXPECT_EQ(std::string(error.what()).find("sig"), std::string::npos) << error.what();
            EXPECT_EQ(std::string(error.what()).find("pass@"), std::string::npos) << error.what();
        }
    }
}

TEST(HttpUrlTest, OnlyLoopbackIsLoopback)
{
    for (const std::string host :
         {"localhost", "LOCALHOST", "127.0.0.1", "127.255.255.254", "::1", "[::1]", "0:0:0:0:0:0:0:1"}) {
        EXPECT_TRUE(is_loopback(host)) << host;
    }
    for (const std::string host :
         {"127.evil.com", "127.0.0.1.evil.com", "localhost.evil.com", "127.1", "127.0.0.1:80", "127.0.0.1 ", "::2",
          "::ffff:127.0.0.1", "[::1", "::1]", "0.0.0.0", "10.0.0.1", "128.0.0.1", "example.com", ""}) {
        EXPECT_FALSE(is_loopback(host)) << host;
    }
}

TEST(HttpUrlTest, ABaseIsHttpsOrLoopback)
{
    EXPECT_EQ(checked_base("https://api.example.com/klingai//"), "https://api.example.com/klingai");
    EXPECT_EQ(checked_base("http://localhost:8080/"), "http://localhost:8080");
    EXPECT_EQ(checked_base("http://[::1]:8080"), "http://[::1]:8080");
    EXPECT_THROW((void)checked_base("http://api.example.com"), Error);
    EXPECT_THROW((void)checked_base("http://127.0.0.1.example.com"), Error);
    EXPECT_THROW((void)checked_base("https://api.example.com/?key=1"), Error);
    EXPECT_THROW((void)checked_base("https://key@api.example.com"), Error);
}

TEST(HttpUrlTest, ShowsNoQueryAndNoUser)
{
    EXPECT_EQ(shown("https://cdn.example.com/a/b.mp4?sig=1#x"), "https://cdn.example.com/a/b.mp4");
    EXPECT_EQ(shown("https://user:pass@cdn.example.com/@b"), "https://cdn.example.com/@b");
    EXPECT_EQ(shown("cdn?sig=1"), "cdn");
}

TEST(HttpUrlTest, EncodesWhatIsNotUnreserved)
{
    EXPECT_EQ(encode("a b/c~d\xc3\xa9"), "a%20b%2Fc~d%C3%A9");
}

TEST(HttpAddressTest, KnowsWhatPublicAddressesMayNotLeadTo)
{
    for (const std::string host :
         {"0.1.2.3", "10.255.0.1", "100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
          "192.0.0.1", "192.168.255.1", "198.18.0.1", "198.19.255.255", "203.0.113.1", "224.0.0.1", "239.1.1.1",
          "240.0.0.1", "255.255.255.255"}) {
        EXPECT_EQ(reach_of_literal(host), Reach::restricted) << host;
    }
    for (const std::string host :
         {"::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fc00::1", "fdff::1", "fe80::1", "fe80::1%eth0",
          "fec0::1", "ff02::1", "2001:db8::1", "2001::1", "2002:a00:1::", "2002:7f00:1::", "64:ff9b::192.168.0.1",
          "64:ff9b:1::8.8.8.8", "100::1"}) {
        EXPECT_EQ(reach_of_literal(host), Reach::restricted) << host;
    }
    for (const std::string host :
         {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.0", "126.0.0.1", "128.0.0.1",
          "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
          "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8", "2002:808:808::"}) {
        EXPECT_EQ(reach_of_literal(host), Reach::everywhere) << host;
    }
    EXPECT_EQ(reach_of_literal("127.9.9.9"), Reach::loopback);
    EXPECT_EQ(reach_of_literal("::1"), Reach::loopback);
    for (const std::string name : {"example.com", "127.1", "10.0.0.1.example.com", "", "1.2.3", "0x7f000001"}) {
        EXPECT_EQ(reach_of_literal(name), std::nullopt) << name;
    }
}

TEST(HttpUrlTest, OneOriginIsOneSchemeHostAndPort)
{
    const auto same = [](const std::string& one, const std::string& other) {
        return same_origin(parse_url(one), parse_url(other));
    };
    EXPECT_TRUE(same("https://a.example.com/x", "https://A.example.com:443/y?z"));
    EXPECT_FALSE(same("https://a.example.com", "http://a.example.com:443"));
    EXPECT_FALSE(same("https://a.example.com", "https://a.example.com:8443"));
    EXPECT_FALSE(same("https://a.example.com", "https://a.example.com.evil.example"));
}

} // namespace
} // namespace longtake::http
