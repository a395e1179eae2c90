#include "pipeline/app/app.h"

#include "tests/support/boards.h"
#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>
#include <vector>

namespace longtake {
namespace {

struct Outcome {
    int status = -1;
    std::string out;
    std::string err;

    nlohmann::json result() const
    {
        std::istringstream lines(out);
        std::string line;
        std::string last;
        while (std::getline(lines, line)) {
            last = line;
        }
        return nlohmann::json::parse(last);
    }
};

class ProgramTest : public ::testing::Test {
protected:
    Outcome run(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "longtake");
        std::vector<const char*> argv;
        for (const std::string& argument : arguments) {
            argv.push_back(argument.c_str());
        }
        app::Environment environment;
        environment.variable = [](const std::string&) { return std::nullopt; };
        std::ostringstream out;
        std::ostringstream err;
        Outcome outcome;
        outcome.status = app::run(static_cast<int>(argv.size()), argv.data(), out, err, environment);
        outcome.out = out.str();
        outcome.err = err.str();
        return outcome;
    }

    std::string board(const nlohmann::json& json) { return test::write_board(dir_ / "board.json", json).string(); }

    std::size_t files() const
    {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }

    test::TempDir dir_;
};

TEST_F(ProgramTest, RunsAFilmAndPrintsItsPath)
{
    const Outcome outcome = run({"run", board(test::quick_board()), "-o", dir_ / "out", "-q"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, (dir_ / "out/quick-preview-360p.mp4").string() + "\n");
    EXPECT_EQ(outcome.err, "");
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/quick-preview-360p.mp4"));
}

TEST_F(ProgramTest, JsonEndsWithTheResult)
{
    const Outcome outcome = run({"run", board(test::quick_board()), "-o", dir_ / "out", "--json"});
    EXPECT_EQ(outcome.status, 0);
    const nlohmann::json result = outcome.result();
    EXPECT_EQ(result["event"], "result");
    EXPECT_EQ(result["ok"], true);
    EXPECT_EQ(result["outputs"][0]["frames"], 108);
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    }
}

TEST_F(ProgramTest, APlanWritesNothing)
{
    const Outcome outcome = run({"plan", board(test::quick_board()), "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(files(), 1U);
    const nlohmann::json result = outcome.result();
    EXPECT_EQ(result["takes"].size(), 3U);
    EXPECT_EQ(result["takes"][0]["shot"], "cup");
    EXPECT_EQ(result["takes"][0]["kind"], "open");
    EXPECT_EQ(result["cost"]["amount"], 0.0);
    EXPECT_EQ(result["cost"]["currency"], "USD");
}

TEST_F(ProgramTest, MakesAFilmWithoutAStoryboard)
{
    const Outcome outcome = run({"run", "--image", test::photo("coffee.png"), "--seconds", "1", "--set", "size=320x180",
                                 "-o", dir_ / "cup.mp4", "-q"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, (dir_ / "cup.mp4").string() + "\n");
}

TEST_F(ProgramTest, SetChangesAStoryboardValueByShotId)
{
    const Outcome outcome =
        run({"plan", board(test::quick_board()), "--json", "--set", "shots.cup.seconds=3", "--set", "fps=30"});
    EXPECT_EQ(outcome.result()["frames"], 180);
    EXPECT_EQ(run({"plan", board(test::quick_board()), "--set", "shots.dog.seconds=3"}).status, 2);
}

TEST_F(ProgramTest, StitchesClipsOfDifferentSizeAndRate)
{
    test::write_counting_clip(dir_ / "a.mp4", {.frames = 30, .size = {320, 180}});
    test::write_counting_clip(dir_ / "b.mp4", {.frames = 24, .size = {180, 320}, .rate = {24, 1}});
    test::write_counting_clip(dir_ / "c.mp4", {.frames = 30, .size = {320, 180}});
    const Outcome outcome = run({"stitch", dir_ / "a.mp4", dir_ / "b.mp4", dir_ / "c.mp4", "-o", dir_ / "film.mp4",
                                 "--transition", "dissolve:0.5", "--encoder-preset", "veryfast", "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.result()["outputs"][0]["frames"], 60) << "overlap shortens the film by two half seconds";
    EXPECT_EQ(outcome.result()["outputs"][0]["size"], "320x180");
}

TEST_F(ProgramTest, DeliversOneMasterIntoSeveralFiles)
{
    test::write_counting_clip(dir_ / "a.mp4", {.frames = 30, .size = {320, 180}});
    const Outcome outcome =
        run({"deliver", dir_ / "a.mp4", "-p", "preview/360p", "-p", "master/prores-hq", "-o", dir_ / "out", "-q"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/a-preview-360p.mp4"));
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/a-master-prores-hq.mov"));
}

TEST_F(ProgramTest, PreparesPicturesAndKeepsGoingAfterABadOne)
{
    std::ofstream(dir_ / "note.png") << "no picture";
    const Outcome outcome =
        run({"prepare", test::photo("coffee.png"), dir_ / "note.png", "-o", dir_ / "stills", "--json"});
    EXPECT_EQ(outcome.status, 3);
    EXPECT_NE(outcome.out.find("\"actions\":[]"), std::string::npos);
    EXPECT_NE(outcome.out.find("\"error\""), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(dir_ / "stills/coffee.png"));
}

TEST_F(ProgramTest, ListsAndShowsPresetsAndProviders)
{
    EXPECT_NE(run({"presets"}).out.find("youtube/1080p30"), std::string::npos);
    EXPECT_NE(run({"presets", "show", "youtube/1080p60"}).out.find("\"fps\": 60"), std::string::npos);
    EXPECT_NE(run({"providers"}).out.find("KLING_ACCESS_KEY missing"), std::string::npos);
    EXPECT_NE(run({"providers", "show", "kling"}).out.find("kling-v1-6"), std::string::npos);
    EXPECT_EQ(run({"presets", "show", "youtub/1080p30"}).status, 2);
}

TEST_F(ProgramTest, SaysWhatARunLeftBehind)
{
    const std::string file = board(test::quick_board());
    EXPECT_EQ(run({"status", file}).status, 2);
    run({"run", file, "-o", dir_ / "out", "-q"});
    const Outcome outcome = run({"status", file, "--json"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.result()["takes"].size(), 3U);
    EXPECT_EQ(outcome.result()["takes"][0]["state"], "done");
}

TEST_F(ProgramTest, ProbeCountsAndMeasures)
{
    test::write_counting_clip(dir_ / "a.mp4", {.frames = 17});
    const Outcome outcome = run({"probe", dir_ / "a.mp4", "--json"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.result()["files"][0]["measured"]["frames"], 17);
    EXPECT_EQ(run({"probe", dir_ / "gone.mp4"}).status, 3);
}

TEST_F(ProgramTest, CompletionKnowsEveryCommand)
{
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const Outcome outcome = run({"completion", shell});
        EXPECT_EQ(outcome.status, 0);
        EXPECT_NE(outcome.out.find("stitch"), std::string::npos);
    }
    EXPECT_EQ(run({"completion", "csh"}).status, 2);
}

TEST_F(ProgramTest, WrongUsageIsExitTwoWithOneMessage)
{
    EXPECT_EQ(run({}).status, 2);
    EXPECT_EQ(run({"fly"}).status, 2);
    EXPECT_EQ(run({"run"}).status, 2);
    EXPECT_EQ(run({"stitch", "a.mp4"}).status, 2);
    EXPECT_EQ(run({"--help"}).status, 0);
    const Outcome outcome = run({"run", "--json", "--fly"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.result()["code"], "usage");
}

/// Wrong storyboards: what is changed, the exit status, and what the message must name.
struct Wrong {
    const char* name;
    std::function<void(nlohmann::json&)> change;
    int status;
    std::vector<std::string> says;
};

class WrongStoryboardTest : public ProgramTest, public ::testing::WithParamInterface<Wrong> {};

TEST_P(WrongStoryboardTest, IsRefusedWithOneClearMessageAndNothingWritten)
{
    const Wrong& wrong = GetParam();
    nlohmann::json json = test::quick_board();
    wrong.change(json);
    std::ofstream(dir_ / "text.png") << "this is no picture at all";
    const std::string file = board(json);
    const Outcome outcome = run({"run", file, "-o", dir_ / "out"});
    EXPECT_EQ(outcome.status, wrong.status) << outcome.err;
    for (const std::string& word : wrong.says) {
        EXPECT_NE(outcome.err.find(word), std::string::npos) << "'" << word << "' is not in: " << outcome.err;
    }
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(files(), 2U) << "only the storyboard and the text file";
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
}

using Json = nlohmann::json;

INSTANTIATE_TEST_SUITE_P(
    TenAndMore, WrongStoryboardTest,
    ::testing::Values(
        Wrong{"MissingFile",
              [](Json& b) { b["shots"][0]["image"] = "gone.png"; },
              3,
              {"shot 'cup'", "gone.png", "no such file"}},
        Wrong{"UnknownKey", [](Json& b) { b["shots"][0]["secs"] = 3; }, 2, {"/shots/0/secs", "seconds"}},
        Wrong{"WrongType", [](Json& b) { b["shots"][0]["seconds"] = "soon"; }, 2, {"/shots/0/seconds", "soon"}},
        Wrong{"UnknownPreset",
              [](Json& b) { b["deliver"] = {"youtub/1080p30"}; },
              2,
              {"youtub/1080p30", "youtube/1080p30"}},
        Wrong{"NegativeSeconds", [](Json& b) { b["shots"][1]["seconds"] = -1; }, 2, {"/shots/1/seconds", "-1"}},
        Wrong{"UnreadableImage", [](Json& b) { b["shots"][0]["image"] = "text.png"; }, 3, {"text.png"}},
        Wrong{"TransitionTooLong",
              [](Json& b) {
                  b["shots"][1]["transition"] = {{"type", "dissolve"}, {"seconds", 9}};
              },
              2,
              {"cat", "9"}},
        Wrong{"UnknownTransition",
              [](Json& b) {
                  b["shots"][1]["transition"] = {{"type", "disolve"}};
              },
              2,
              {"disolve", "dissolve"}},
        Wrong{"NoShots", [](Json& b) { b["shots"] = Json::array(); }, 2, {"/shots"}},
        Wrong{"TwoKindsOfShot",
              [](Json& b) {
                  b["shots"][0]["clip"] = "a.mp4";
                  b["shots"][0].erase("seconds");
                  b["shots"][0].erase("prompt");
              },
              2,
              {"/shots/0", "clip"}},
        Wrong{"NewerSchema", [](Json& b) { b["schema"] = "longtake/storyboard/9"; }, 2, {"longtake/storyboard/1"}},
        Wrong{"SameIdTwice", [](Json& b) { b["shots"][1]["id"] = "cup"; }, 2, {"cup"}},
        Wrong{"OddSize", [](Json& b) { b["size"] = "321x180"; }, 2, {"/size", "321x180"}},
        Wrong{"UnknownProvider", [](Json& b) { b["provider"] = "klang"; }, 2, {"klang", "kling"}},
        Wrong{"MissingMusic",
              [](Json& b) {
                  b["audio"] = {{"music", "song.flac"}};
              },
              3,
              {"song.flac", "no such file"}}),
    [](const auto& tested) { return std::string(tested.param.name); });

} // namespace
} // namespace longtake
