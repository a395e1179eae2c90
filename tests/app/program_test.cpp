#include "tests/app/command_line.h"
#include "tests/support/clips.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace longtake {
namespace {

using Json = nlohmann::json;

using test::Outcome;

class ProgramTest : public test::CommandLine {
protected:
    std::size_t files() const
    {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }
};

TEST_F(ProgramTest, ALookIsOnePictureBesideTheStoryboard)
{
    const std::string file = board(test::quick_board());
    const std::size_t before = files();
    const Outcome outcome = run({"look", file, "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.result().at("file"), (dir_ / "board-look.png").string());
    EXPECT_EQ(files(), before + 1);
    EXPECT_EQ(run({"look", file, "-o", dir_ / "board-look.png"}).status, 2) << "what is named is not replaced unasked";
    EXPECT_EQ(run({"look", file, "--shot", "cap"}).status, 2);
}

TEST_F(ProgramTest, APreviewIsOneFilmOrOneSheet)
{
    const std::string file = board(test::quick_board());
    const std::size_t before = files();
    const Outcome film = run({"preview", file, "--json"});
    EXPECT_EQ(film.status, 0) << film.err;
    EXPECT_EQ(film.result().at("file"), (dir_ / "board-preview.mp4").string());
    EXPECT_EQ(film.result().at("frames"), 108);
    EXPECT_EQ(files(), before + 1);
    EXPECT_EQ(run({"preview", file, "--sheet", dir_ / "board.pdf"}).status, 0);
    EXPECT_EQ(files(), before + 2);
    EXPECT_EQ(run({"preview", file, "--sheet", dir_ / "board.pdf"}).status, 2)
        << "what is named is not replaced unasked";
    EXPECT_EQ(run({"preview", file, "--sheet", dir_ / "board.doc"}).status, 2);
}

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

TEST_F(ProgramTest, PreparesCopiesOfOnePictureAtOnce)
{
    std::vector<std::string> arguments{"prepare", "-o", dir_ / "stills", "-j", "4", "-q"};
    for (int i = 0; i < 8; ++i) {
        const auto copy = dir_ / ("copy-" + std::to_string(i) + ".png");
        std::filesystem::copy_file(test::photo("coffee.png"), copy);
        arguments.push_back(copy);
    }
    EXPECT_EQ(run(arguments).status, 0);
    const std::filesystem::directory_iterator files(dir_ / "stills");
    EXPECT_EQ(std::distance(begin(files), end(files)), 8); // and nothing else is left
}

TEST_F(ProgramTest, ListsAndShowsPresetsAndProviders)
{
    EXPECT_NE(run({"presets"}).out.find("youtube/1080p30"), std::string::npos);
    EXPECT_NE(run({"presets", "show", "youtube/1080p60"}).out.find("\"fps\": 60"), std::string::npos);
    EXPECT_NE(run({"providers"}).out.find("KLING_ACCESS_KEY missing"), std::string::npos);
    EXPECT_NE(run({"providers", "show", "kling"}).out.find("kling-v1-6"), std::string::npos);
    EXPECT_EQ(run({"presets", "show", "youtub/1080p30"}).status, 2);
    EXPECT_EQ(run({"providers", "show", "klign"}).status, 2);
}

TEST_F(ProgramTest, AProviderShowsItsKeysAsSetAndItsPricesWithTheirDate)
{
    variables_ = {{"KLING_API_KEY", "sk-very-secret"}, {"LONGTAKE_AI302_BASE_URL", "http://127.0.0.1:1"}};
    const Outcome text = run({"providers", "show", "kling"});
    for (const char* words : {"KLING_API_KEY set", "KLING_SECRET_KEY missing", "https://api-singapore.klingai.com",
                              "3 takes", "std $0.084/s, std sound $0.126/s, std voice $0.154/s, pro $0.112/s", "3-15 s",
                              "prices of 2026-09-19", "$0.07 for each 5 s begun", "end_image, camera"}) {
        EXPECT_NE(text.out.find(words), std::string::npos) << words << " is not in:\n" << text.out;
    }
    EXPECT_EQ(text.out.find("secret"), std::string::npos);

    const nlohmann::json shown = run({"providers", "show", "302ai", "--json"}).result();
    EXPECT_EQ(shown["base_url"], "http://127.0.0.1:1");
    EXPECT_EQ(shown["keys"], (nlohmann::json{{"AI302_API_KEY", "missing"}, {"API_302_KEY", "missing"}}));
    EXPECT_EQ(shown["models"][1]["name"], "kling-v1-5");
    EXPECT_EQ(shown["models"][1]["modes"], nlohmann::json{"std"}) << "it sells no other";
    EXPECT_EQ(shown["models"][2]["usd_per_second"]["pro"], 0.1);
    EXPECT_TRUE(shown["models"][2]["usd_per_second"]["std"].is_null()) << "not known";
    EXPECT_EQ(shown["models"][2]["seconds"]["slots"], (nlohmann::json{5.0, 10.0}));
    EXPECT_EQ(shown["priced_on"], "2026-09-19");

    const nlohmann::json all = run({"providers", "--json"}).result()["providers"];
    ASSERT_EQ(all.size(), 6U);
    for (const nlohmann::json& provider : all) {
        EXPECT_TRUE(provider.contains("usable") && provider.contains("concurrency")) << provider;
    }
    EXPECT_EQ(run({"providers", "list", "--json"}).out.find("secret"), std::string::npos);
}

TEST_F(ProgramTest, APlanPricesEveryTakeAndNamesWhatItCannotPrice)
{
    const Json shots = {{{"id", "a"}, {"image", test::photo("coffee.png")}, {"prompt", "p"}, {"seconds", 5}},
                        {{"id", "b"},
                         {"image", test::photo("coffee.png")},
                         {"prompt", "p"},
                         {"seconds", 10},
                         {"lip_sync", {{"text", "Good morning"}, {"voice", "v"}}}}};
    const std::string file =
        board({{"schema", "longtake/storyboard/1"}, {"title", "T"}, {"provider", "kling"}, {"shots", shots}});
    const Outcome text = run({"plan", file});
    EXPECT_EQ(text.status, 0) << text.err;
    for (const char* words : {"$0.21", "$0.42", "lip_sync", "$0.14", "cost: $0.77 (prices of 2026-09-19"}) {
        EXPECT_NE(text.out.find(words), std::string::npos) << words << " is not in:\n" << text.out;
    }
    const Json plan = run({"plan", file, "--json"}).result();
    EXPECT_EQ(plan["takes"][2]["kind"], "lip_sync");
    EXPECT_EQ(plan["takes"][2]["cost"], 0.14);
    EXPECT_EQ(plan["cost"], (Json{{"amount", 0.77},
                                  {"currency", "USD"},
                                  {"estimated", true},
                                  {"priced_on", "2026-09-19"},
                                  {"new", 0.77},
                                  {"spent", 0.0}}));

    const Json unknown =
        run({"plan", file, "--provider", "dmxapi", "--set", "defaults.model=kling-v1-6", "--json"}).result();
    EXPECT_TRUE(unknown["cost"]["amount"].is_null());
    EXPECT_EQ(unknown["notes"][1], "the price of kling-v1-6 in mode std on dmxapi is not known; set "
                                   R"(providers.dmxapi.prices to {"kling-v1-6": {"std": USD}} a second)");
    EXPECT_EQ(unknown["notes"][2], "the price of lip-sync on dmxapi is not known; set "
                                   R"(providers.dmxapi.prices to {"lip_sync": {"per_5s": USD}} for each 5 s begun)");
}

TEST_F(ProgramTest, APlanAndARunSayHowACardsTextWillStand)
{
    const Json card = {{"text", "Grand opening"}, {"font", "Brand Grotesk Pro"}};
    const std::string file = board({{"schema", "longtake/storyboard/1"},
                                    {"title", "T"},
                                    {"size", "320x180"},
                                    {"fps", 10},
                                    {"shots", {{{"id", "end"}, {"card", card}, {"seconds", 0.2}}}}});
    const std::string start = "shot 'end': the font 'Brand Grotesk Pro' is not installed; ";
    const auto said = [&](const Outcome& outcome) {
        const Json notes = outcome.result()["notes"];
        return notes.size() == 1 && notes[0].get<std::string>().starts_with(start);
    };
    EXPECT_NE(run({"plan", file}).out.find("note: " + start), std::string::npos);
    EXPECT_TRUE(said(run({"plan", file, "--json"})));
    EXPECT_TRUE(said(run({"run", file, "-o", dir_ / "a.mp4", "--dry-run", "--json"})));
    EXPECT_TRUE(said(run({"run", file, "-o", dir_ / "a.mp4", "--json"})));
    const Outcome again = run({"run", file, "-o", dir_ / "b.mp4"}); // the card is there already
    EXPECT_LT(again.err.find("note: " + start), again.err.find("deliver: ")) << again.err;
}

TEST_F(ProgramTest, DoctorSaysWhichScriptsHaveNoFont)
{
    const Outcome outcome = run({"doctor", "--json"});
    const Json result = outcome.result();
    for (const Json& check : result["checks"]) {
        if (check["name"] == "fonts") {
            EXPECT_TRUE(check["ok"]); // Latin is there
            const std::string says = check["says"];
            EXPECT_EQ(says.find("Thai"), std::string::npos) << says; // fonts-noto-core is
            EXPECT_EQ(says.find("Japanese"), std::string::npos) << says;
            return;
        }
    }
    FAIL() << outcome.out;
}

TEST_F(ProgramTest, ARecordingHasToBeThereAndToSound)
{
    Json json = test::quick_board();
    json["shots"][0]["lip_sync"] = {{"audio", "gone.mp3"}};
    EXPECT_EQ(run({"plan", board(json)}).status, 3);
    std::ofstream(dir_ / "noise.mp3") << "this is no recording at all";
    json["shots"][0]["lip_sync"] = {{"audio", "noise.mp3"}};
    EXPECT_EQ(run({"plan", board(json)}).status, 3);
}

TEST_F(ProgramTest, ARehearsalOfReferencePicturesMovesOverTheFirst)
{
    Json json = test::quick_board();
    json["shots"] = {{{"id", "pair"},
                      {"images", {test::photo("coffee.png"), test::photo("chelsea.png")}},
                      {"prompt", "they meet"},
                      {"seconds", 0.5}}};
    const Outcome outcome = run({"run", board(json), "-o", dir_ / "out", "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.result()["outputs"][0]["frames"], 12);
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
    EXPECT_GT(outcome.result()["segments"]["count"], 0);
}

TEST_F(ProgramTest, CleanRemovesSegmentsAndNothingElse)
{
    const std::string file = board(test::quick_board());
    EXPECT_EQ(run({"clean", file}).status, 2) << "no run was made";
    run({"run", file, "-o", dir_ / "out", "-q"});
    const Outcome cleaned = run({"clean", file, "--json"});
    EXPECT_EQ(cleaned.status, 0);
    EXPECT_GT(cleaned.result()["removed"]["count"], 0);
    EXPECT_EQ(cleaned.result()["kept"]["count"], 0);
    EXPECT_EQ(run({"status", file, "--json"}).result()["segments"]["count"], 0);
    const Outcome again = run({"run", file, "-o", dir_ / "other", "--json"});
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(run({"status", file, "--json"}).result()["takes"].size(), 3U);
}

TEST_F(ProgramTest, ProbeCountsAndMeasures)
{
    test::write_counting_clip(dir_ / "a.mp4", {.frames = 17});
    const Outcome outcome = run({"probe", dir_ / "a.mp4", "--json"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.result()["files"][0]["measured"]["frames"], 17);
    EXPECT_EQ(run({"probe", dir_ / "gone.mp4"}).status, 3);
}

TEST_F(ProgramTest, CheckSaysWhatAPlatformWouldRefuse)
{
    test::write_counting_clip(dir_ / "a.mp4", {.frames = 17});
    const Outcome outcome = run({"check", dir_ / "a.mp4", "-p", "tiktok/1080x1920", "--json"});
    EXPECT_EQ(outcome.status, 3);
    const nlohmann::json check = outcome.result()["checks"][0];
    EXPECT_FALSE(check["accepted"]);
    EXPECT_EQ(check["rules"][2]["rule"], "seconds");
    EXPECT_EQ(check["rules"][2]["over"], "2.43333 s too short");
    EXPECT_EQ(run({"check", dir_ / "a.mp4", "-p", "youtube/1080p30"}).status, 0);
    EXPECT_EQ(run({"check", dir_ / "a.mp4", "-p", "master/prores-hq"}).status, 2) << "which is no platform";
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

void PrintTo(const Wrong& wrong, std::ostream* out)
{
    *out << wrong.name;
}

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
