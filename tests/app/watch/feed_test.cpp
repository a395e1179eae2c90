#include "pipeline/app/watch/feed.h"

#include <gtest/gtest.h>

#include <future>
#include <sstream>

namespace longtake::app {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// An event as a browser reads it.
struct Heard {
    std::string id;
    std::string kind;
    json data;
};

std::vector<Heard> heard_of(const std::string& text)
{
    std::vector<Heard> events(1);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) {
            events.emplace_back();
        } else if (line.starts_with("id: ")) {
            events.back().id = line.substr(4);
        } else if (line.starts_with("event: ")) {
            events.back().kind = line.substr(7);
        } else if (line.starts_with("data: ")) {
            events.back().data = json::parse(line.substr(6));
        }
    }
    events.pop_back();
    return events;
}

class FeedTest : public ::testing::Test {
protected:
    void set(int value)
    {
        feed_.change([&](Feed::Change& change) { change.set({"a", "b"}, value); });
    }

    Feed feed_{json{{"list", json::array()}}};
};

TEST_F(FeedTest, AViewerGetsTheWholeAndThenEachChange)
{
    set(1);
    Feed::Viewer viewer(feed_, "");
    const auto first = heard_of(viewer.next(0ms));
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].kind, "whole");
    EXPECT_EQ(first[0].data, (json{{"list", json::array()}, {"a", {{"b", 1}}}}));
    set(2);
    set(3);
    const auto then = heard_of(viewer.next(0ms));
    ASSERT_EQ(then.size(), 2U);
    EXPECT_EQ(then[1].kind, "change");
    EXPECT_EQ(then[1].data, (json{{"set", {"a", "b"}, 3}}));
}

TEST_F(FeedTest, WhatIsThereAlreadyIsNoChange)
{
    set(1);
    Feed::Viewer viewer(feed_, "");
    viewer.next(0ms);
    set(1);
    EXPECT_EQ(viewer.next(0ms), ": nothing new\n\n");
}

TEST_F(FeedTest, ChangesMadeTogetherAreOneEvent)
{
    Feed::Viewer viewer(feed_, "");
    viewer.next(0ms);
    feed_.change([](Feed::Change& change) {
        change.set({"x"}, "y");
        change.add({"list"}, 1, 2);
        change.add({"list"}, 2, 2);
        change.add({"list"}, 3, 2);
        change.cut({"x"});
        change.cut({"x"});
    });
    const auto heard = heard_of(viewer.next(0ms));
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].data.size(), 5U);
    EXPECT_EQ(feed_.whole(), (json{{"list", {2, 3}}}));
}

TEST_F(FeedTest, WhoComesBackGoesOnWhereHeLeft)
{
    Feed::Viewer viewer(feed_, "");
    const std::string id = heard_of(viewer.next(0ms))[0].id;
    set(1);
    set(2);
    Feed::Viewer back(feed_, id);
    const auto heard = heard_of(back.next(0ms));
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_EQ(heard[0].data[0][2], 1);
    Feed::Viewer again(feed_, heard[1].id);
    EXPECT_EQ(again.next(0ms), ": nothing new\n\n");
}

TEST_F(FeedTest, WhoWasAwayForTooLongGetsTheWhole)
{
    Feed::Viewer viewer(feed_, "");
    const std::string id = heard_of(viewer.next(0ms))[0].id;
    for (int i = 1; i < 2000; ++i) {
        set(i);
    }
    Feed::Viewer slow(feed_, id);
    const auto heard = heard_of(slow.next(0ms));
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].kind, "whole");
    EXPECT_EQ(heard[0].data["a"]["b"], 1999);
}

TEST_F(FeedTest, WhatIsKeptForThemIsBoundedInBytes)
{
    Feed::Viewer viewer(feed_, "");
    const std::string id = heard_of(viewer.next(0ms))[0].id;
    for (int i = 0; i < 20; ++i) {
        feed_.change(
            [&](Feed::Change& change) { change.set({"x"}, std::string(1 << 20, static_cast<char>('a' + i))); });
    }
    Feed::Viewer slow(feed_, id);
    EXPECT_EQ(heard_of(slow.next(0ms))[0].kind, "whole");
}

TEST_F(FeedTest, IdsOfAnotherFeedOrOfNoneMeanNothing)
{
    set(1);
    for (const char* id : {"0000000000000000-1", "x", "-1", "99999999999999999999999"}) {
        Feed::Viewer viewer(feed_, id);
        EXPECT_EQ(heard_of(viewer.next(0ms))[0].kind, "whole") << id;
    }
    Feed::Viewer first(feed_, "");
    std::string later = heard_of(first.next(0ms))[0].id;
    later += "99";
    Feed::Viewer ahead(feed_, later);
    EXPECT_EQ(heard_of(ahead.next(0ms))[0].kind, "whole") << "more than there is";
}

TEST_F(FeedTest, AClosedFeedEndsWhoWaits)
{
    Feed::Viewer viewer(feed_, "");
    viewer.next(0ms);
    auto waiting = std::async(std::launch::async, [&] { return viewer.next(60s); });
    feed_.close();
    EXPECT_EQ(waiting.get(), "");
}

TEST_F(FeedTest, NoTextOfTheDocumentEndsAnEvent)
{
    feed_.change([](Feed::Change& change) { change.set({"x"}, "a\n\nevent: whole\ndata: {}\n\n\xff"); });
    Feed::Viewer viewer(feed_, "");
    EXPECT_EQ(heard_of(viewer.next(0ms)).size(), 1U);
}

} // namespace
} // namespace longtake::app
