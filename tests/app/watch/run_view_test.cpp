#include "pipeline/app/watch/run_view.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake::app {
namespace {

using nlohmann::json;

class RunViewTest : public ::testing::Test {
protected:
    void hear(const json& event) { hear_line(event.dump()); }

    void hear_line(const std::string& line)
    {
        feed_.change([&](Feed::Change& change) { RunView(change, shelf_).hear(line); });
    }

    void begin(const char* kind = "film")
    {
        hear({{"event", "begin"},
              {"run", "r1"},
              {"kind", kind},
              {"title", "A film"},
              {"command", "longtake run a.json"},
              {"started", 1700000000},
              {"control", "own"},
              {"at", 0}});
    }

    const json& seen() const { return feed_.whole(); }

    test::TempDir dir_;
    Shelf shelf_;
    Feed feed_{empty_view("/films")};
};

TEST_F(RunViewTest, ARunThatBeginsIsAllThatIsKnown)
{
    hear({{"event", "note"}, {"text", "of the run before"}, {"at", 3}});
    begin();
    EXPECT_EQ(seen().at("state"), "running");
    EXPECT_EQ(seen().at("run"), "r1");
    EXPECT_EQ(seen().at("folder"), "/films");
    EXPECT_EQ(seen().at("record").at("title"), "A film");
    EXPECT_TRUE(seen().at("log").empty());
}

TEST_F(RunViewTest, WhatIsAtWorkIsAnItemUntilItIsAStep)
{
    begin();
    hear({{"event", "progress"}, {"stage", "generate"}, {"what", "cup"}, {"done", 4}, {"total", 10}, {"at", 1.5}});
    hear({{"event", "progress"}, {"stage", "generate"}, {"what", "cup"}, {"done", 8}, {"total", 10}, {"at", 2}});
    const json& item = seen().at("items").at("generate cup");
    EXPECT_EQ(item.at("done"), 8);
    EXPECT_EQ(item.at("from"), 4);
    EXPECT_EQ(item.at("began"), 1.5);
    hear({{"event", "finished"}, {"stage", "generate"}, {"what", "cup"}, {"at", 2.5}});
    EXPECT_TRUE(seen().at("items").empty());
    const json& step = seen().at("record").at("steps").at(0);
    EXPECT_EQ(step.at("began"), 1.5);
    EXPECT_EQ(step.at("seconds"), 1.0);
    EXPECT_EQ(seen().at("log").size(), 1U);
}

TEST_F(RunViewTest, ItIsPausedGoesOnWaitsAndEnds)
{
    begin();
    hear({{"event", "paused"}});
    EXPECT_EQ(seen().at("state"), "paused");
    hear({{"event", "resumed"}});
    EXPECT_EQ(seen().at("state"), "running");
    hear({{"event", "waiting"}, {"takes", 3}, {"fresh", 2}, {"cost", 1.5}, {"provider", "kling"}});
    EXPECT_EQ(seen().at("state"), "waiting");
    EXPECT_EQ(seen().at("ask").at("cost"), 1.5);
    hear({{"event", "approved"}});
    EXPECT_EQ(seen().at("state"), "running");
    EXPECT_TRUE(seen().at("ask").is_null());
    hear({{"event", "end"}, {"outcome", "provider"}, {"message", "refused"}, {"at", 9}});
    EXPECT_EQ(seen().at("state"), "ended");
    EXPECT_EQ(seen().at("record").at("outcome"), "provider");
    EXPECT_EQ(seen().at("log").back().at("text"), "provider: refused");
}

TEST_F(RunViewTest, RowsOfABatchHaveTheirFilmsByAddress)
{
    std::ofstream(dir_ / "cup.mp4") << "x";
    shelf_.allow({dir_.path()});
    begin("batch");
    hear({{"event", "rows"},
          {"rows", {{{"number", 1}, {"name", "cup"}}, {{"number", 2}, {"name", "mug"}}}},
          {"cost", 4}});
    EXPECT_EQ(seen().at("rows").at(1).at("state"), "waiting");
    hear({{"event", "row"}, {"row", 0}, {"state", "running"}, {"share", 0.5}});
    EXPECT_EQ(seen().at("rows").at(0).at("share"), 0.5);
    hear({{"event", "row"},
          {"row", 0},
          {"state", "done"},
          {"files", {{{"preset", "p"}, {"file", (dir_ / "cup.mp4").string()}}, {{"file", "/etc/passwd"}}}}});
    const json& films = seen().at("rows").at(0).at("films");
    EXPECT_EQ(films.at(0).at("url"), "files/0.0");
    EXPECT_EQ(films.at(0).at("there"), true);
    EXPECT_EQ(films.at(1).at("there"), false);
    EXPECT_TRUE(shelf_.find("files/0.0"));
    EXPECT_FALSE(shelf_.find("files/0.1"));
}

TEST_F(RunViewTest, TheLogKeepsItsLastLines)
{
    begin();
    for (int i = 0; i < 1000; ++i) {
        hear({{"event", "note"}, {"text", std::to_string(i)}});
    }
    EXPECT_EQ(seen().at("log").size(), 400U);
    EXPECT_EQ(seen().at("log").back().at("text"), "999");
}

TEST_F(RunViewTest, WhatIsNotAsItShouldBeDoesNoHarm)
{
    begin("batch");
    hear({{"event", "rows"}, {"rows", {1, "x", json::array()}}});
    for (const char* line :
         {"", "{", "[]", "7", "{\"event\":7}", "{\"event\":\"progress\",\"done\":\"x\",\"stage\":[]}",
          "{\"event\":\"row\",\"row\":-1}", "{\"event\":\"row\",\"row\":1e300,\"files\":7}",
          "{\"event\":\"row\",\"row\":0,\"files\":[7,{\"file\":[]}],\"poster\":{}}",
          "{\"event\":\"plan\",\"shots\":{},\"plan\":7}", "{\"event\":\"end\",\"outcome\":{}}",
          "{\"event\":\"waiting\",\"cost\":\"free\"}", "{\"event\":\"finished\",\"at\":null}"}) {
        EXPECT_NO_THROW(hear_line(line)) << line;
    }
    EXPECT_TRUE(seen().at("record").at("shots").is_array());
}

TEST_F(RunViewTest, WhatIsNestedBeyondMeasureIsLeftOut)
{
    begin();
    const std::string deep(100'000, '[');
    hear_line("{\"event\":\"plan\",\"shots\":" + deep + std::string(deep.size(), ']') + ",\"plan\":null}");
    EXPECT_LT(seen().dump().size(), 10'000U);
}

} // namespace
} // namespace longtake::app
