#include "pipeline/av/sound/loudness.h"

#include "tests/support/sound.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

using test::sine;
using test::sound;

TEST(LoudnessMeterTest, ReadsTheReferenceTone)
{
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS (peak) reads -23 LUFS.
    LoudnessMeter meter;
    meter.add(sound(5 * 48000, sine(1000, std::pow(10, -23 / 20.0))));
    ASSERT_TRUE(meter.integrated());
    EXPECT_NEAR(*meter.integrated(), -23.0, 0.1);
    EXPECT_NEAR(meter.true_peak().value(), -23.0, 0.1);
    EXPECT_NEAR(meter.range().value(), 0.0, 0.1);
}

TEST(LoudnessMeterTest, ReadsTheLastThreeSeconds)
{
    LoudnessMeter meter;
    meter.add(sound(5 * 48000, sine(1000, std::pow(10, -33 / 20.0))));
    EXPECT_NEAR(meter.short_term().value(), -33.0, 0.1);
    meter.add(sound(3 * 48000, sine(1000, std::pow(10, -23 / 20.0))));
    EXPECT_NEAR(meter.short_term().value(), -23.0, 0.1);
}

TEST(LoudnessMeterTest, SeesPeaksBetweenSamples)
{
    // A quarter of the sample rate, sampled 45 degrees off its peaks: samples at -3 dBFS, the sound at 0.
    LoudnessMeter meter;
    meter.add(sound(48000, [](double n) { return std::sin((n / 2 + 0.25) * std::numbers::pi); }));
    EXPECT_NEAR(meter.true_peak().value(), 0.0, 0.3);
}

TEST(LoudnessMeterTest, HasNothingToReadInSilenceOrAMoment)
{
    LoudnessMeter silence;
    silence.add(std::vector<float>(2 * 48000));
    EXPECT_FALSE(silence.integrated());
    EXPECT_FALSE(silence.true_peak());
    EXPECT_FALSE(silence.range());

    LoudnessMeter moment;
    moment.add(sound(48000 * 3 / 10, sine(1000, 0.5)));
    EXPECT_FALSE(moment.integrated());
    EXPECT_TRUE(moment.true_peak());
}

} // namespace
} // namespace longtake::av
