#include "pipeline/app/watch/access.h"

#include <gtest/gtest.h>

#include <set>

namespace longtake::app {
namespace {

class AccessTest : public ::testing::Test {
protected:
    AccessTest() { access_.serves(4711); }

    /// "/TOKEN/"
    std::string root() const { return access_.address().substr(std::string("http://127.0.0.1:4711").size()); }

    sandbox::Call call(const std::string& path) const
    {
        sandbox::Call call;
        call.method = "GET";
        call.path = path;
        call.host = "127.0.0.1:4711";
        return call;
    }

    bool admits(const sandbox::Call& call) const
    {
        std::string why;
        const bool let_in = access_.admit(call, why).has_value();
        EXPECT_EQ(let_in, why.empty()) << why;
        return let_in;
    }

    Access access_;
};

TEST_F(AccessTest, WhoHasTheAddressGetsWhatStandsBelowIt)
{
    std::string why;
    EXPECT_EQ(access_.admit(call(root()), why), "");
    EXPECT_EQ(access_.admit(call(root() + "files/0"), why), "files/0");
    EXPECT_EQ(root().size(), 48U + 2) << "192 bits as hex";
}

TEST_F(AccessTest, EveryTokenIsAnother)
{
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        seen.insert(Access().address());
    }
    EXPECT_EQ(seen.size(), 100U);
}

TEST_F(AccessTest, WithoutItsWholeTokenNobodyGetsIn)
{
    std::string other = root();
    other[1] = other[1] == '0' ? '1' : '0';
    for (const std::string& path :
         {std::string("/"), std::string(), std::string("//"), root().substr(0, root().size() - 2) + "/", other,
          "/" + root(), "/x" + root(), root().substr(0, root().size() - 1) + "0/", std::string("/events")}) {
        EXPECT_FALSE(admits(call(path))) << path;
    }
}

TEST_F(AccessTest, OnlyThisMachinesOwnNamesWithThePortAreKnown)
{
    sandbox::Call asked = call(root());
    for (const char* host : {"127.0.0.1:4711", "localhost:4711", "[::1]:4711"}) {
        asked.host = host;
        EXPECT_TRUE(admits(asked)) << host;
    }
    for (const char* host : {"", "evil.example", "evil.example:4711", "127.0.0.1", "127.0.0.1:80", "localhost:47110",
                             "127.0.0.1.evil.example:4711", "localhost:4711.evil.example"}) {
        asked.host = host;
        EXPECT_FALSE(admits(asked)) << host;
    }
}

TEST_F(AccessTest, NoOtherPageMayAsk)
{
    sandbox::Call asked = call(root() + "control");
    asked.method = "POST";
    for (const char* origin : {"http://127.0.0.1:4711", ""}) {
        asked.origin = origin;
        EXPECT_TRUE(admits(asked)) << origin;
    }
    for (const char* origin :
         {"http://evil.example", "null", "https://127.0.0.1:4711", "http://localhost:4711", "http://127.0.0.1:8080"}) {
        asked.origin = origin;
        EXPECT_FALSE(admits(asked)) << origin;
    }
    asked.origin.clear();
    for (const char* site : {"cross-site", "same-site"}) {
        asked.fetch_site = site;
        EXPECT_FALSE(admits(asked)) << site;
    }
    asked = call(root());
    asked.fetch_site = "cross-site";
    EXPECT_TRUE(admits(asked)) << "a link that leads here";
}

} // namespace
} // namespace longtake::app
