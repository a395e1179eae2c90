#include "pipeline/av/sound/onsets.h"

#include "tests/support/music.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

TEST(OnsetsTest, AreStrongestWhereSomethingStarts)
{
    test::Band band(4);
    const std::vector<double> starts = {0, 0.7, 1.9, 3.1};
    for (const double at : starts) {
        band.kick(at);
    }
    const auto [onsets, contrast] = onsets_of(band.sound(), test::k_music_rate);
    EXPECT_GT(contrast, 0.06);
    for (std::size_t i = 0; i < onsets.size(); ++i) {
        const double time = onset_time(static_cast<double>(i));
        const bool near =
            std::any_of(starts.begin(), starts.end(), [&](double start) { return std::abs(start - time) < 0.035; });
        if (!near) {
            EXPECT_LT(onsets[i], 1) << time;
        }
    }
    for (const double start : starts) {
        const auto at = static_cast<std::ptrdiff_t>(start / k_onset_step - onset_time(0) / k_onset_step);
        EXPECT_GT(*std::max_element(onsets.begin() + std::max<std::ptrdiff_t>(0, at - 3), onsets.begin() + at + 4), 3);
    }
}

TEST(OnsetsTest, WhatIsHeldHasLittleContrast)
{
    test::Band band(4);
    band.pad(0, 4, 220);
    EXPECT_LT(onsets_of(band.sound(), test::k_music_rate).contrast, 0.02);
}

TEST(OnsetsTest, SilenceHasNone)
{
    const Onsets onsets = onsets_of(std::vector<float>(test::k_music_rate), test::k_music_rate);
    EXPECT_EQ(onsets.contrast, 0);
    for (const double value : onsets.strength) {
        EXPECT_EQ(value, 0);
    }
}

} // namespace
} // namespace longtake::av
