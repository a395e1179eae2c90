#include "pipeline/interchange/formats.h"

#include "tests/support/numbered.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake::interchange {
namespace {

/// Shots a (frames 10 to 49 of its clip), b (0 to 29) and a still, at 24 frames a second.
Cut numbered_cut(const test::TempDir& dir, bool held)
{
    test::write_numbered(dir / "a.mp4", {.frames = 60, .flash = 5});
    test::write_numbered(dir / "b.mp4", {.first = 100, .frames = 40, .flash = 5});
    test::ffmpeg("-f lavfi -i color=white:s=160x90 -frames:v 1 " + (dir / "still.png").string());
    Cut cut{"Numbers", {}};
    Timeline& film = cut.timeline;
    film.rate = {24, 1};
    film.size = {160, 90};
    film.items.push_back({.shot = "a", .start = 0, .frames = 40, .transition = {}, .ranges = {}});
    film.items[0].ranges = {{.file = dir / "a.mp4", .sha256 = "aa", .first = 10, .frames = 40, .sound = true}};
    film.items.push_back({.shot = "b", .start = held ? 40 : 30, .frames = 30, .transition = {}, .ranges = {}});
    film.items[1].transition = {TransitionType::dissolve, 10, held};
    film.items[1].ranges = {{.file = dir / "b.mp4", .sha256 = "bb", .first = 0, .frames = 30}};
    film.items.push_back({.shot = "c", .start = held ? 70 : 60, .frames = 12, .transition = {}, .ranges = {}});
    film.items[2].ranges = {{.kind = Range::Kind::still, .file = dir / "still.png", .sha256 = "cc", .frames = 12}};
    return cut;
}

class MltTest : public ::testing::TestWithParam<bool> {};

TEST_P(MltTest, MeltShowsEveryFrameInItsPlace)
{
    const test::TempDir dir;
    const Cut cut = numbered_cut(dir, GetParam());
    std::ofstream(dir / "film.mlt") << to_mlt(cut);
    const std::string film = (dir / "film.mkv").string();
    const test::Ran melt =
        test::run("SDL_AUDIODRIVER=dummy QT_QPA_PLATFORM=offscreen melt -silent " + (dir / "film.mlt").string() +
                  " -consumer avformat:" + film + " f=matroska vcodec=ffv1 acodec=pcm_s16le real_time=-1 2>&1");
    ASSERT_EQ(melt.status, 0) << melt.printed;
    const test::Decoded seen = test::decoded(film);
    ASSERT_EQ(seen.frames(), cut.timeline.frames());
    const std::int64_t b = cut.timeline.items[1].start;
    for (std::int64_t i = 0; i < 30; ++i) {
        EXPECT_EQ(test::seen_in(seen.frame(i)).number, 10 + i) << i;
    }
    for (std::int64_t i = GetParam() ? 0 : 10; i < 30; ++i) {
        EXPECT_EQ(test::seen_in(seen.frame(b + i)).number, 100 + i) << i;
    }
    for (std::int64_t i = 0; i < 12; ++i) {
        EXPECT_EQ(test::seen_in(seen.frame(b + 30 + i)).number, 255) << i;
    }
    EXPECT_TRUE(test::beeps_in(film).empty()) << "b's sound does not belong in the film, and a's beep is cut away";
}

INSTANTIATE_TEST_SUITE_P(HeldAndOverlapping, MltTest, ::testing::Bool());

} // namespace
} // namespace longtake::interchange
