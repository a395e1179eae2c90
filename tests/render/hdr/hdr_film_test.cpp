#include "pipeline/render/hdr/hdr_film.h"

#include "pipeline/render/rendition.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longtake::render {
namespace {

/// Flat clips of PQ, of two levels of 10 bits, joined by a dissolve.
class HdrFilmTest : public ::testing::Test {
protected:
    HdrFilmTest()
    {
        film_.rate = {25, 1};
        film_.size = {64, 48};
        film_.items = {item("dark", 300, 0), item("light", 700, 10)};
    }

    Item item(const std::string& shot, int level, std::int64_t dissolve) const
    {
        const auto file = dir_ / (shot + ".mkv");
        test::ffmpeg("-f lavfi -i \"color=gray:s=64x48:r=25:d=1,format=yuv420p10le,geq=lum=" + std::to_string(level) +
                     ":cb=512:cr=512\" -c:v ffv1 -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc "
                     "-color_range tv '" +
                     file.string() + "'");
        Item item;
        item.shot = shot;
        item.frames = 25;
        item.start = dissolve > 0 ? 25 - dissolve : 0;
        item.transition = {dissolve > 0 ? TransitionType::dissolve : TransitionType::cut, dissolve, false};
        item.ranges = {{Range::Kind::footage, file, "", 0, 25}};
        return item;
    }

    /// The middle luma of every frame as it is composed for a dynamic range.
    std::vector<int> composed(DynamicRange range) const
    {
        Canvas canvas{film_.size};
        canvas.range = range;
        const Rendition rendition(film_, canvas, film_.rate);
        auto reader = rendition.read(0, "yuv420p10le");
        std::vector<int> levels;
        while (const auto frame = reader.next()) {
            levels.push_back(reinterpret_cast<const std::uint16_t*>(frame->plane(0) + 20L * frame->stride(0))[30]);
        }
        return levels;
    }

    test::TempDir dir_;
    Timeline film_;
};

TEST_F(HdrFilmTest, PicturesOfThatRangeAreShownAsTheyAreAndMixedInTenBits)
{
    EXPECT_EQ(hdr_blocker(film_), "");
    const std::vector<int> levels = composed(DynamicRange::pq);
    ASSERT_EQ(levels.size(), 40U);
    EXPECT_EQ(levels[0], 300);
    EXPECT_EQ(levels[39], 700);
    for (int k = 0; k < 10; ++k) {
        EXPECT_NEAR(levels[15 + static_cast<std::size_t>(k)], 300 + 400 * (k + 1) / 11.0, 2) << k;
    }
}

TEST_F(HdrFilmTest, FadesToBlackInTenBits)
{
    film_.items[1].transition.type = TransitionType::fade_black;
    const std::vector<int> levels = composed(DynamicRange::pq);
    EXPECT_LT(*std::ranges::min_element(levels), 110) << "black is 64";
    EXPECT_EQ(levels[0], 300);
    EXPECT_EQ(levels[39], 700);
}

TEST_F(HdrFilmTest, WhatIsMadeForEightBitsIsNamed)
{
    film_.items[1].transition.type = TransitionType::wipe_left;
    EXPECT_NE(hdr_blocker(film_).find("'light'"), std::string::npos) << hdr_blocker(film_);
    film_.items[1].transition.type = TransitionType::dissolve;
    film_.overlays.resize(1);
    EXPECT_NE(hdr_blocker(film_).find("text"), std::string::npos);
}

TEST_F(HdrFilmTest, AFilmWithoutSuchClipsGainsNothing)
{
    test::ffmpeg("-f lavfi -i color=gray:s=64x48:r=25:d=1 -pix_fmt yuv420p '" + (dir_ / "plain.mp4").string() + "'");
    film_.items.resize(1);
    film_.items[0].ranges[0].file = dir_ / "plain.mp4";
    EXPECT_EQ(hdr_blocker(film_), "none of the film's clips has a high dynamic range");
}

} // namespace
} // namespace longtake::render
