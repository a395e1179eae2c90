#include "pipeline/render/composer.h"

#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <vector>

namespace longtake {
namespace {

class ComposerTest : public ::testing::Test {
protected:
    /// Two clips of 30 frames: luma 40, 42, ... and 120, 122, ...
    Timeline two(TimelineTransition transition, std::int64_t second_start)
    {
        test::write_counting_clip(dir_ / "a.mp4", {.frames = 30});
        test::write_counting_clip(dir_ / "b.mp4", {.frames = 30, .base = 120});
        Timeline timeline;
        timeline.rate = {30, 1};
        timeline.size = {64, 48};
        timeline.items = {{"a", 0, 30, {}, {range("a.mp4", 0, 30)}},
                          {"b", second_start, 30, transition, {range("b.mp4", 0, 30)}}};
        return timeline;
    }

    Range range(const std::string& name, std::int64_t first, std::int64_t frames)
    {
        Range range;
        range.file = dir_ / name;
        range.first = first;
        range.frames = frames;
        return range;
    }

    static std::vector<int> lumas(const Timeline& timeline)
    {
        render::Composer composer(timeline);
        std::vector<int> lumas;
        while (auto frame = composer.next()) {
            lumas.push_back(test::middle_luma(*frame));
        }
        return lumas;
    }

    test::TempDir dir_;
};

TEST_F(ComposerTest, ACutShowsEveryFrameOnce)
{
    const auto film = lumas(two({}, 30));
    ASSERT_EQ(film.size(), 60U);
    for (int i = 0; i < 30; ++i) {
        EXPECT_NEAR(film[static_cast<std::size_t>(i)], 40 + 2 * i, 1);
        EXPECT_NEAR(film[static_cast<std::size_t>(30 + i)], 120 + 2 * i, 1);
    }
}

TEST_F(ComposerTest, AHoldMixesTheTailIntoAStillFirstFrame)
{
    const auto film = lumas(two({TransitionType::dissolve, 9, true}, 30));
    ASSERT_EQ(film.size(), 60U);
    for (int j = 0; j < 9; ++j) {
        const double progress = (j + 1) / 10.0;
        const double expected = (40 + 2 * (21 + j)) * (1 - progress) + 120 * progress;
        EXPECT_NEAR(film[static_cast<std::size_t>(21 + j)], expected, 1.5) << j;
    }
    EXPECT_NEAR(film[30], 120, 1) << "then the new shot starts from its first frame";
    EXPECT_NEAR(film[31], 122, 1);
}

TEST_F(ComposerTest, AnOverlapMixesTwoMovingPictures)
{
    const auto film = lumas(two({TransitionType::dissolve, 9, false}, 21));
    ASSERT_EQ(film.size(), 51U);
    for (int j = 0; j < 9; ++j) {
        const double progress = (j + 1) / 10.0;
        const double expected = (40 + 2 * (21 + j)) * (1 - progress) + (120 + 2 * j) * progress;
        EXPECT_NEAR(film[static_cast<std::size_t>(21 + j)], expected, 1.5) << j;
    }
    EXPECT_NEAR(film[30], 120 + 18, 1);
    EXPECT_NEAR(film.back(), 120 + 58, 1);
}

TEST_F(ComposerTest, RangesFollowEachOtherInsideASegment)
{
    Timeline timeline = two({}, 30);
    timeline.items.pop_back();
    timeline.items[0].ranges = {range("a.mp4", 20, 10), range("b.mp4", 5, 20)};
    const auto film = lumas(timeline);
    ASSERT_EQ(film.size(), 30U);
    EXPECT_NEAR(film[0], 80, 1);
    EXPECT_NEAR(film[9], 98, 1);
    EXPECT_NEAR(film[10], 130, 1);
}

TEST_F(ComposerTest, AClipThatEndsEarlyIsNamed)
{
    Timeline timeline = two({}, 30);
    timeline.items.pop_back();
    timeline.items[0].frames = 40;
    timeline.items[0].ranges[0].frames = 40;
    try {
        lumas(timeline);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("a.mp4"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("1.000 s"), std::string::npos);
    }
}

TEST_F(ComposerTest, GradesARangeBetweenItsKeys)
{
    Timeline timeline = two({}, 30);
    timeline.items.pop_back();
    Range graded = range("a.mp4", 10, 20);
    graded.grade = {{19, {}}, {29, {{1.5, 1, 1}, {10, 20, 0}}}};
    timeline.items[0].ranges = {range("a.mp4", 0, 10), graded};
    const auto film = lumas(timeline);
    ASSERT_EQ(film.size(), 30U);
    const auto luma = [](int frame) { return 40.0 + 2 * frame; };
    for (const int frame : {0, 9, 10, 19}) {
        EXPECT_NEAR(film[static_cast<std::size_t>(frame)], luma(frame), 1) << frame;
    }
    EXPECT_NEAR(film[24], 16 + (luma(24) - 16) * 1.25 + 5, 1.5) << "half way";
    EXPECT_NEAR(film[29], 16 + (luma(29) - 16) * 1.5 + 10, 2);
}

} // namespace
} // namespace longtake
