#include "pipeline/interchange/cut.h"

#include "pipeline/base/error.h"
#include "tests/support/temp_dir.h"
#include "tests/support/timelines.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake::interchange {
namespace {

namespace fs = std::filesystem;

TEST(CutTest, PiecesStandEndToEndFromTheFilmsFirstFrameToItsLast)
{
    for (const bool held : {true, false}) {
        const Timeline film = test::two_shots(held);
        std::int64_t end = 0;
        for (const Piece& piece : pieces_of(film)) {
            EXPECT_EQ(piece.at, end);
            end = piece.end();
        }
        EXPECT_EQ(end, film.frames()) << held;
    }
}

TEST(CutTest, PathsSurviveAsUrls)
{
    for (const char* path : {"/m/über fluß.flac", "/a/100%.mp4", "/t/a#1?.mp4", "takes/a.mp4", "/x%2"}) {
        EXPECT_EQ(path_of(url_of(path)), path);
    }
    EXPECT_EQ(path_of("file://localhost/a%20b.mp4"), "/a b.mp4");
    EXPECT_EQ(path_of("https://example.com/a.mp4"), "");
}

TEST(CutTest, FootageIsFoundWhereItsWorkingDirectoryWasMovedTo)
{
    const test::TempDir dir;
    fs::create_directories(dir / "moved/takes");
    fs::create_directories(dir / "batch/rows/one");
    fs::create_directories(dir / "batch/stills");
    std::ofstream(dir / "moved/takes/a.mp4") << "a";
    std::ofstream(dir / "batch/stills/c.png") << "c";
    RunRecord run;
    run.timeline = test::two_shots(true);
    run.timeline->items[0].ranges[0].file = "was/takes/a.mp4";
    run.timeline->items[0].ranges[1].file = "was/stills/c.png";
    EXPECT_EQ(cut_of(run, dir / "moved").timeline.items[0].ranges[0].file, dir / "moved/takes/a.mp4");
    EXPECT_EQ(cut_of(run, dir / "batch/rows/one").timeline.items[0].ranges[1].file, dir / "batch/stills/c.png");
    EXPECT_TRUE(cut_of(run, dir.path()).timeline.items[0].ranges[0].file.is_absolute());
}

TEST(CutTest, FootageKnowsWhereItCameFrom)
{
    RunRecord run;
    run.timeline = test::two_shots(true);
    TakeSummary paid;
    paid.name = "a+1";
    paid.provider = "kling";
    paid.model = "kling-v2-6";
    paid.job = "867";
    paid.prompt = "steam rises";
    paid.estimate = 0.42;
    paid.charged = 0.35;
    paid.footage = "ab";
    TakeSummary local;
    local.name = "b";
    local.provider = "local";
    local.job = "{\"camera\":{}}";
    local.footage = "bb";
    run.takes = {paid, local};
    const Cut cut = cut_of(run, ".");
    const std::vector<Piece> pieces = pieces_of(cut.timeline);
    const nlohmann::json told = metadata_of(cut, pieces[1]);
    EXPECT_EQ(told.at("shot"), "a");
    EXPECT_EQ(told.at("take"), "a+1");
    EXPECT_EQ(told.at("task"), "867");
    EXPECT_EQ(told.at("prompt"), "steam rises");
    EXPECT_EQ(told.at("cost"), 0.35);
    EXPECT_EQ(metadata_of(cut, pieces[2]).at("task"), "") << "what was rendered here is nobody's task";
    EXPECT_FALSE(metadata_of(cut, pieces[0]).contains("take"));
}

TEST(CutTest, OfARunWithoutAFilmThereIsNone)
{
    RunRecord run;
    run.outcome = "budget";
    EXPECT_THROW(cut_of(run, "."), Error);
}

} // namespace
} // namespace longtake::interchange
