#include "pipeline/flow/film.h"

#include "pipeline/av/probe.h"
#include "pipeline/model/run_record.h"

#include "tests/flow/film_setup.h"
#include "tests/support/boards.h"
#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <set>

namespace longtake {
namespace {

class FilmTest : public ::testing::Test {
protected:
    test::FilmSetup setup()
    {
        test::FilmSetup setup = test::setup_in(dir_.path(), "out");
        setup.observer.listener = [this](const Event& event) {
            const std::lock_guard lock(mutex_);
            if (event.kind == Event::Kind::finished) {
                made_.insert(event.stage + " " + event.what);
            }
        };
        return setup;
    }

    FilmResult make(const nlohmann::json& board, const test::FilmSetup& setup)
    {
        made_.clear();
        return make_film(storyboard_from_json(board, dir_.path(), "test"), setup.options, setup.account,
                         setup.observer);
    }

    test::TempDir dir_;
    std::mutex mutex_;
    std::set<std::string> made_;
};

TEST_F(FilmTest, IsExactlyTheSumOfItsShots)
{
    const FilmResult film = make(test::quick_board(), setup());
    ASSERT_EQ(film.deliverables.size(), 1U);
    EXPECT_EQ(film.deliverables[0].frames, 108);
    EXPECT_EQ(film.plan.frames, 108);
    EXPECT_EQ(film.deliverables[0].size, (Size{640, 360}));
    EXPECT_TRUE(std::filesystem::exists(dir_ / "work/timeline.json"));
    EXPECT_TRUE(std::filesystem::exists(dir_ / "work/timeline.otio"));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "work/scratch/mix.f32"));
}

TEST_F(FilmTest, ItAsksBeforeEveryShotTakeAndFrameWhetherItMayGoOn)
{
    test::FilmSetup paused = setup();
    std::atomic<int> asked = 0;
    paused.observer.pause = [&] { ++asked; };
    make(test::quick_board(), paused);
    EXPECT_GE(asked, 4 + 3 + 108);
    asked = 0;
    paused.options.output = dir_ / "chat";
    paused.options.presets = {"chat/10mb"}; // which is encoded in one go
    const FilmResult film = make(test::quick_board(), paused);
    EXPECT_GE(asked, film.deliverables[0].frames);
}

TEST_F(FilmTest, ItsEventsAreInItsFolderAsTheyCome)
{
    make(test::quick_board(), setup());
    std::ifstream file(dir_ / "work/events.jsonl");
    std::map<std::string, int> events;
    nlohmann::json first;
    nlohmann::json last;
    for (std::string line; std::getline(file, line);) {
        last = nlohmann::json::parse(line);
        first = first.is_null() ? last : first;
        ++events[last.at("event")];
    }
    EXPECT_EQ(first.at("event"), "begin");
    EXPECT_EQ(first.at("kind"), "film");
    EXPECT_EQ(last.at("event"), "end");
    EXPECT_EQ(last.at("outcome"), "done");
    EXPECT_EQ(events.at("plan"), 1);
    EXPECT_GE(events.at("finished"), 4) << "takes and the file";
}

TEST_F(FilmTest, ItsRecordSaysHowItWent)
{
    test::FilmSetup with = setup();
    with.options.resume_command = "longtake run board.json";
    nlohmann::json board = test::quick_board();
    board.erase("deliver"); // a master, which is spliced
    const FilmResult film = make(board, with);
    const RunRecord record = read_run_record(dir_ / "work/run.json");
    EXPECT_EQ(record.outcome, "done");
    EXPECT_EQ(record.command, "longtake run board.json");
    EXPECT_FALSE(record.libraries.empty());
    EXPECT_FALSE(record.vector_instructions.empty());
    ASSERT_EQ(record.deliverables.size(), 1U);
    EXPECT_EQ(record.deliverables[0].files[0].sha256, film.deliverables[0].files[0].sha256);
    std::int64_t frames = 0;
    for (const Span& span : record.deliverables[0].spans) {
        EXPECT_EQ(span.at, frames);
        frames = span.end();
    }
    EXPECT_EQ(frames, film.plan.frames) << "every frame has a span and a reason";
    ASSERT_TRUE(record.timeline);
    EXPECT_EQ(record.timeline->frames(), film.plan.frames);
    EXPECT_EQ(record.takes.size(), record.plan.at("takes").size());
    const auto delivered = std::find_if(record.steps.begin(), record.steps.end(),
                                        [](const StepTime& step) { return step.stage == "deliver"; });
    ASSERT_NE(delivered, record.steps.end());
    EXPECT_GT(delivered->seconds, 0);
    EXPECT_LE(delivered->began + delivered->seconds, record.seconds);
}

TEST_F(FilmTest, ARunThatFailsLeavesARecordToo)
{
    const FilmResult film = make(test::quick_board(), setup());
    std::ofstream(film.deliverables[0].file()) << "somebody else's";
    EXPECT_THROW(make(test::quick_board(), setup()), Error);
    const RunRecord record = read_run_record(dir_ / "work/run.json");
    EXPECT_EQ(record.outcome, "usage");
    EXPECT_NE(record.message.find("-y overwrites it"), std::string::npos) << record.message;
    EXPECT_FALSE(record.plan.at("takes").empty());
    EXPECT_EQ(record.takes.size(), record.plan.at("takes").size()) << "those of the run before";
}

TEST_F(FilmTest, DoesFinishedWorkOnce)
{
    const FilmResult first = make(test::quick_board(), setup());
    const FilmResult again = make(test::quick_board(), setup());
    EXPECT_FALSE(first.nothing_to_do);
    EXPECT_TRUE(again.nothing_to_do);
    EXPECT_TRUE(made_.empty()) << *made_.begin();
    EXPECT_EQ(again.deliverables[0].files[0].sha256, first.deliverables[0].files[0].sha256);
}

/// Sizes of the pictures kept in a folder of the working directory.
std::set<std::string> sizes_in(const std::filesystem::path& folder)
{
    std::set<std::string> sizes;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (const auto info = av::probe(entry.path()); info.video) {
            sizes.insert(info.video->size.text());
        }
    }
    return sizes;
}

TEST_F(FilmTest, IsComposedAnewForAnotherShape)
{
    nlohmann::json tall = resolved_preset(setup().account.preset_dirs, "preview/360p");
    tall["size"] = "180x320";
    std::ofstream(dir_ / "tall.json") << tall;
    test::FilmSetup with = setup();
    with.options.presets = {"preview/360p", (dir_ / "tall.json").string()};
    const FilmResult film = make(test::quick_board(), with);
    ASSERT_EQ(film.deliverables.size(), 2U);
    EXPECT_EQ(film.deliverables[0].size, (Size{640, 360}));
    EXPECT_EQ(film.deliverables[1].size, (Size{180, 320}));
    EXPECT_EQ(film.deliverables[1].frames, film.deliverables[0].frames);
    EXPECT_EQ(sizes_in(dir_ / "work/takes"), (std::set<std::string>{"320x180", "180x320"}))
        << "pictures are framed and moved over for each";
    EXPECT_TRUE(made_.contains("generate cup 9:16"));

    const FilmResult again = make(test::quick_board(), with);
    EXPECT_TRUE(again.nothing_to_do);
    EXPECT_EQ(again.deliverables[1].file(), film.deliverables[1].file());
}

TEST_F(FilmTest, AClipOfAnotherShapeIsFramedOnceAndFillsTheCanvas)
{
    test::write_scene(dir_ / "clip.mp4", {.frames = 48});
    nlohmann::json tall = resolved_preset(setup().account.preset_dirs, "preview/360p");
    tall["size"] = "180x320";
    std::ofstream(dir_ / "tall.json") << tall;
    test::FilmSetup with = setup();
    with.options.presets = {(dir_ / "tall.json").string()};
    const nlohmann::json board = {
        {"schema", "longtake/storyboard/1"}, {"title", "Clip"}, {"shots", {{{"id", "clip"}, {"clip", "clip.mp4"}}}}};
    make(board, with);
    const Timeline timeline = read_run_record(dir_ / "work/run.json").timeline.value();
    EXPECT_EQ(timeline.size, (Size{180, 320}));
    const auto& framed = timeline.items.at(0).ranges.at(0).framed;
    ASSERT_TRUE(framed);
    EXPECT_EQ(framed->picture, (Size{320, 180}));
    EXPECT_EQ(framed->window.height, 180);
    EXPECT_TRUE(make(board, with).nothing_to_do);
}

TEST_F(FilmTest, GoesIntoMatroskaToo)
{
    test::FilmSetup with = setup();
    with.options.output = dir_ / "film.mkv";
    nlohmann::json board = test::quick_board();
    board.erase("deliver");
    const FilmResult film = make(board, with);
    ASSERT_EQ(film.deliverables.size(), 1U);
    EXPECT_EQ(av::probe(film.deliverables[0].file()).container.find("matroska"), 0U);
    EXPECT_EQ(film.deliverables[0].frames, 108);
}

TEST_F(FilmTest, AChangedPromptMakesOneShotAgain)
{
    make(test::quick_board(), setup());
    nlohmann::json board = test::quick_board();
    board["shots"][2]["prompt"] = "higher";
    test::FilmSetup over = setup();
    over.options.overwrite = true;
    make(board, over);
    EXPECT_EQ(made_, (std::set<std::string>{"generate moon"})) << "the same pixels again: nothing to encode anew";

    board["shots"][2]["camera"]["horizontal"] = -4;
    make(board, over);
    EXPECT_EQ(made_, (std::set<std::string>{"generate moon", "deliver preview/360p"}));
}

TEST_F(FilmTest, AFilmMovedElsewhereIsEncodedButNotShotAgain)
{
    make(test::quick_board(), setup());
    test::FilmSetup elsewhere = setup();
    elsewhere.options.output = dir_ / "other.mp4";
    make(test::quick_board(), elsewhere);
    EXPECT_EQ(made_, (std::set<std::string>{"deliver preview/360p"}));
    EXPECT_TRUE(std::filesystem::exists(dir_ / "other.mp4"));
}

TEST_F(FilmTest, NothingIsOverwrittenUnasked)
{
    make(test::quick_board(), setup());
    nlohmann::json board = test::quick_board();
    board["shots"][3]["card"]["text"] = "Fin";
    const FilmResult film = make(board, setup());
    EXPECT_FALSE(film.nothing_to_do) << "what this film's own runs wrote is replaced";

    std::ofstream(film.deliverables[0].file(), std::ios::app) << "edited by somebody";
    board["shots"][3]["card"]["text"] = "The end";
    try {
        make(board, setup());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        EXPECT_NE(std::string(error.what()).find("-y overwrites it"), std::string::npos);
    }
}

TEST_F(FilmTest, ALastFrameChainHasNoRepeatedFrame)
{
    nlohmann::json board = test::quick_board();
    board["shots"] = {
        {{"id", "long"}, {"image", test::photo("coffee.png")}, {"seconds", 11}, {"continue", "last-frame"}}};
    const FilmResult film = make(board, setup());
    EXPECT_EQ(film.deliverables[0].frames, 264);
    EXPECT_TRUE(made_.contains("extend long+1"));
}

TEST_F(FilmTest, TwoShotsThatAskForTheSameTakeShareIt)
{
    nlohmann::json board = test::quick_board();
    nlohmann::json twin = board["shots"][0];
    twin["id"] = "twin";
    nlohmann::json first = board["shots"][2];
    nlohmann::json last = board["shots"][3];
    nlohmann::json cup = board["shots"][0];
    cup["camera"] = twin["camera"] = {{"zoom", -3}}; // what nobody directs differs from its neighbours
    board["shots"] = {first, cup, twin, last};       // and the film's first and last shot alone come to rest
    const FilmResult film = make(board, setup());
    EXPECT_TRUE(film.failures.empty());
    EXPECT_EQ(film.deliverables.at(0).frames, 120);
    EXPECT_NE(made_.contains("generate cup"), made_.contains("generate twin")) << "one made it, the other found it";
}

TEST_F(FilmTest, AnUnreadablePictureLeavesNothingBehind)
{
    std::filesystem::copy(test::photo("coffee.png"), dir_ / "cut.png");
    std::filesystem::resize_file(dir_ / "cut.png", 20'000);
    nlohmann::json board = test::quick_board();
    board["shots"][0]["image"] = "cut.png";
    try {
        make(board, setup());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("cut.png"), std::string::npos);
    }
    EXPECT_FALSE(std::filesystem::exists(dir_ / "work"));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
}

TEST_F(FilmTest, StoppingLosesNothing)
{
    std::stop_source stop;
    test::FilmSetup stopped = setup();
    stopped.observer.stop = stop.get_token();
    stopped.options.jobs = 1;
    stopped.observer.listener = [&](const Event& event) {
        if (event.kind == Event::Kind::finished && event.stage == "generate") {
            stop.request_stop();
        }
    };
    try {
        make(test::quick_board(), stopped);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::interrupted);
    }
    const FilmResult film = make(test::quick_board(), setup());
    EXPECT_EQ(film.deliverables.size(), 1U);
    EXPECT_FALSE(made_.contains("generate cup")) << "the first shot was finished before the stop";
}

} // namespace
} // namespace longtake
