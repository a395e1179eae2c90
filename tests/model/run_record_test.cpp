#include "pipeline/model/run_record.h"

#include "pipeline/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake {
namespace {

using nlohmann::json;

RunRecord record()
{
    RunRecord run;
    run.version = "0.1.0";
    run.libraries = {"libavcodec 59.37.100"};
    run.vector_instructions = "avx2";
    run.command = "longtake run cup.json";
    run.title = "Cup";
    run.storyboard = "/films/cup.json";
    run.started = 1764410000;
    run.seconds = 12.5;
    run.outcome = "failed";
    run.plan = {{"takes", json::array()}, {"cost", {{"amount", 1.5}}}, {"notes", {"trimmed"}}};
    run.spent = 0.84;
    run.takes = {
        {"cup+1", "kling", "kling-v2-6", "ambiguous", 5, 0.42, std::nullopt, "867", true, "steam rises", "ff"}};
    run.failures = {{"cat", "provider", "refused"}};
    Timeline& film = run.timeline.emplace();
    film.rate = {24, 1};
    film.size = {1280, 720};
    film.items.push_back({"a", 0, 90, {}, {{Range::Kind::footage, "takes/a.mp4", "aa", 12, 90}}});
    run.seams = {{{"join", 0}}};
    Deliverable made;
    made.files = {{"out/cup.m3u8", "dd", 10}, {"out/cup.mp4", "ee", 90}};
    made.preset = "master";
    made.spans = {{Span::Kind::copy, 0, 90, "a", "takes/a.mp4", 12, ""},
                  {Span::Kind::encode, 90, 60, "b", "", 0, "a still picture"}};
    run.deliverables = {made};
    run.shots = {{{"id", "cup"}, {"prompt", "steam rises"}}};
    run.framings = {{{"shot", "a"}, {"canvas", "9:16"}}};
    run.sound = {{"step", 0.5}, {"short_term", {-14.5}}};
    run.checks = {{{"preset", "master"}}};
    run.steps = {{"deliver", "master", 3, 9.25, false}};
    return run;
}

TEST(RunRecordTest, IsReadBackAsItWasWritten)
{
    const json written = record();
    EXPECT_EQ(json(written.get<RunRecord>()), written);
    RunRecord early; // ended before anything was made
    early.outcome = "budget";
    EXPECT_EQ(json(json(early).get<RunRecord>()), json(early));
}

TEST(RunRecordTest, ADeliverablesBytesAreOfAllItsFiles)
{
    const RunRecord run = json(record()).get<RunRecord>();
    EXPECT_EQ(run.deliverables[0].bytes(), 100);
    EXPECT_EQ(run.deliverables[0].file(), "out/cup.m3u8");
}

TEST(RunRecordTest, ADeliverableOfAnOlderLedgerHasItsOneFile)
{
    json old = record().deliverables[0];
    old.erase("files");
    old.erase("spans");
    const auto read = old.get<Deliverable>();
    ASSERT_EQ(read.files.size(), 1U);
    EXPECT_EQ(read.file(), "out/cup.m3u8");
    EXPECT_TRUE(read.spans.empty());
}

TEST(RunRecordTest, WhatCannotBeReadIsNamed)
{
    const test::TempDir dir;
    const auto told = [&](const std::string& text) -> std::string {
        std::ofstream(dir / "run.json") << text;
        try {
            read_run_record(dir / "run.json");
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_NE(told(R"({"schema":"longtake/run/2"})").find("longtake/run/1"), std::string::npos);
    EXPECT_NE(told(R"({"schema":"longtake/run/1"})").find("run.json"), std::string::npos);
    EXPECT_NE(told("{").find("run.json"), std::string::npos);
}

} // namespace
} // namespace longtake
