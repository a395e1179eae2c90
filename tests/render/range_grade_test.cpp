#include "pipeline/render/range_grade.h"

#include "pipeline/base/files.h"
#include "pipeline/render/composer.h"
#include "tests/support/clips.h"
#include "tests/support/cubes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

TEST(RangeGradeTest, TheLutComesAfterTheGrade)
{
    const test::TempDir dir;
    write_atomic(dir / "negative.cube", "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n");
    Range range;
    const av::Frame grey = av::Frame::plain({16, 16}, 100, 128, 128);
    EXPECT_EQ(RangeGrade(range).apply(grey.share(), 0).plane(0)[0], 100);
    range.lut = StyleFile{dir / "negative.cube", "n"};
    EXPECT_EQ(RangeGrade(range).apply(grey.share(), 0).plane(0)[0], 16 + 235 - 100);
    range.grade = {{0, {{1, 1, 1}, {20, 0, 0}}}};
    EXPECT_EQ(RangeGrade(range).apply(grey.share(), 0).plane(0)[0], 16 + 235 - 120);
}

TEST(RangeGradeTest, TheFilmShowsIt)
{
    const test::TempDir dir;
    test::write_counting_clip(dir / "a.mp4", {.frames = 4, .base = 120});
    write_atomic(dir / "swap.cube", test::swapping_cube(2));
    write_atomic(dir / "negative.cube", "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n");
    Timeline timeline;
    timeline.rate = {30, 1};
    timeline.size = {64, 48};
    Range range;
    range.file = dir / "a.mp4";
    range.frames = 4;
    timeline.items = {{"a", 0, 4, {}, {range}}};
    const auto luma = [&] { return test::middle_luma(*Composer(timeline).next()); };
    const int plain = luma();
    timeline.items[0].ranges[0].lut = StyleFile{dir / "swap.cube", "s"};
    EXPECT_NEAR(luma(), plain, 1) << "grey has no channels to swap";
    timeline.items[0].ranges[0].lut = StyleFile{dir / "negative.cube", "n"};
    EXPECT_NEAR(luma(), 251 - plain, 1);
}

} // namespace
} // namespace longtake::render
