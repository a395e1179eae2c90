#include "pipeline/render/music_bed.h"

#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

TEST(MusicBedTest, WhatIsInTheMusicComesBackByItsPeriod)
{
    constexpr std::size_t k_rate = 48000;
    const test::TempDir dir;
    const auto click = [](double n) { return n == k_rate ? 0.9 : 0.0; }; // at 1 s of 3
    Music music;
    music.file = test::write_wav(dir / "click.wav", test::sound(3 * k_rate, click));
    MusicBed bed(music, 10 * k_rate);
    std::vector<float> heard(2 * 10 * k_rate);
    bed.read(heard);
    std::vector<double> clicks;
    for (std::size_t n = 0; n < heard.size() / 2; ++n) {
        if (heard[2 * n] > 0.5) {
            clicks.push_back(static_cast<double>(n) / k_rate);
        }
    }
    ASSERT_EQ(clicks.size(), 4U);
    for (std::size_t i = 0; i < clicks.size(); ++i) {
        EXPECT_NEAR(clicks[i], 1 + static_cast<double>(i) * loop_period(3), 1e-4);
    }
    EXPECT_NEAR(loop_period(0.3), 0.15, 1e-9) << "a short piece is not all crossfade";
}

} // namespace
} // namespace longtake::render
