#include "pipeline/av/clip/conformed_reader.h"

#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace longtake {
namespace {

class ConformedReaderTest : public ::testing::Test {
protected:
    std::vector<int> read(const std::filesystem::path& clip, Rate rate, std::int64_t first = 0)
    {
        av::ConformedReader reader(clip, {{64, 48}, rate, Fit::pad}, first);
        std::vector<int> lumas;
        while (auto frame = reader.next()) {
            lumas.push_back(test::middle_luma(*frame));
        }
        return lumas;
    }

    test::TempDir dir_;
};

TEST_F(ConformedReaderTest, GivesEveryFrameOnceAtItsOwnRate)
{
    const auto lumas = read(test::write_counting_clip(dir_ / "c.mp4", {.frames = 48, .rate = {24, 1}}), {24, 1});
    ASSERT_EQ(lumas.size(), 48U);
    for (int i = 0; i < 48; ++i) {
        EXPECT_NEAR(lumas[static_cast<std::size_t>(i)], 40 + 2 * i, 1);
    }
}

TEST_F(ConformedReaderTest, KeepsTheLengthAtAnotherRate)
{
    const auto clip = test::write_counting_clip(dir_ / "c.mp4", {.frames = 48, .rate = {24, 1}});
    EXPECT_EQ(read(clip, {30, 1}).size(), 60U);
    EXPECT_EQ(read(clip, {60, 1}).size(), 120U);
    EXPECT_EQ(read(clip, {12, 1}).size(), 24U);
}

TEST_F(ConformedReaderTest, ShowsTheFrameNearestInTime)
{
    const auto lumas = read(test::write_counting_clip(dir_ / "c.mp4", {.frames = 30, .rate = {60, 1}}), {30, 1});
    ASSERT_EQ(lumas.size(), 15U);
    for (int i = 0; i < 15; ++i) {
        EXPECT_NEAR(lumas[static_cast<std::size_t>(i)], 40 + 2 * (2 * i), 1);
    }
}

TEST_F(ConformedReaderTest, IsNotFooledByACoarseTimeBase)
{
    // Matroska counts milliseconds: 33, 67, 100 ... for 30 fps.
    const auto lumas =
        read(test::write_counting_clip(dir_ / "c.mkv", {.frames = 60, .step = 1, .container = "matroska"}), {30, 1});
    ASSERT_EQ(lumas.size(), 60U);
    for (int i = 0; i < 60; ++i) {
        EXPECT_NEAR(lumas[static_cast<std::size_t>(i)], 40 + i, 1);
    }
}

TEST_F(ConformedReaderTest, StartsAtAnyFrame)
{
    const auto clip = test::write_counting_clip(dir_ / "c.mp4", {.frames = 90, .step = 1});
    const auto lumas = read(clip, {30, 1}, 47);
    ASSERT_EQ(lumas.size(), 43U);
    EXPECT_NEAR(lumas.front(), 40 + 47, 1);
}

TEST_F(ConformedReaderTest, PadsAnotherAspectWithBlackAndFillsWithCrop)
{
    const auto clip = test::write_counting_clip(dir_ / "tall.mp4", {.frames = 1, .size = {48, 96}, .base = 120});
    av::ConformedReader padded(clip, {{96, 48}, {30, 1}, Fit::pad});
    const auto pad = padded.next();
    EXPECT_EQ(pad->size(), (Size{96, 48}));
    EXPECT_EQ(pad->plane(0)[24 * pad->stride(0) + 2], 16);
    EXPECT_NEAR(test::middle_luma(*pad), 120, 1);
    av::ConformedReader cropped(clip, {{96, 48}, {30, 1}, Fit::crop});
    EXPECT_NEAR(cropped.next()->plane(0)[2], 120, 1);
    av::ConformedReader blurred(clip, {{96, 48}, {30, 1}, Fit::blur});
    const auto blur = blurred.next();
    EXPECT_GT(blur->plane(0)[24 * blur->stride(0) + 2], 60);  // the picture's own light
    EXPECT_LT(blur->plane(0)[24 * blur->stride(0) + 2], 118); // darkened
}

/// To cover a film's picture it would be scaled to 102400x512.
TEST_F(ConformedReaderTest, RefusesAPictureThatIsAllLength)
{
    const std::string file = (dir_ / "strip.mkv").string();
    test::ffmpeg("-f lavfi -i testsrc2=s=800x4:r=25:d=0.2 -c:v ffv1 '" + file + "'");
    try {
        av::ConformedReader(file, {{512, 512}, {25, 1}, Fit::crop}).next();
        FAIL() << "it was shown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("800x4"), std::string::npos);
    }
}

} // namespace
} // namespace longtake
