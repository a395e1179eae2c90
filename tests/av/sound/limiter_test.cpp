#include "pipeline/av/sound/limiter.h"

#include "pipeline/av/sound/loudness.h"
#include "tests/support/sound.h"

#include <gtest/gtest.h>

#include <random>

namespace longtake::av {
namespace {

using test::decibels;
using test::sine;
using test::sound;
using test::worst_residual;

/// The whole sound through a limiter, in blocks of odd size, its latency taken off.
std::vector<float> limited(std::vector<float> stereo, Limiter& limiter)
{
    const std::size_t late = 2 * limiter.latency();
    stereo.resize(stereo.size() + late, 0.0F);
    for (std::size_t at = 0; at < stereo.size(); at += 2 * 777) {
        limiter.process(std::span(stereo).subspan(at, std::min<std::size_t>(2 * 777, stereo.size() - at)));
    }
    stereo.erase(stereo.begin(), stereo.begin() + static_cast<std::ptrdiff_t>(late));
    return stereo;
}

double true_peak(std::span<const float> stereo)
{
    LoudnessMeter meter;
    meter.add(stereo);
    return meter.true_peak().value();
}

TEST(LimiterTest, PassesWhatIsUnderTheCeilingBitForBit)
{
    const auto tone = sound(48000, sine(997, 0.85));
    Limiter limiter(-1, 48000);
    EXPECT_EQ(limited(tone, limiter), tone);
    EXPECT_EQ(limiter.limited_db(), 0);
}

TEST(LimiterTest, KeepsTruePeaksOfNoiseUnderTheCeiling)
{
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0, 0.5);
    Limiter limiter(-1, 48000);
    const auto out = limited(sound(96000, [&](double) { return noise(random); }), limiter);
    EXPECT_LE(true_peak(out), -0.9);
    EXPECT_GT(limiter.limited_db(), 6);
}

TEST(LimiterTest, CatchesPeaksBetweenSamples)
{
    const auto between = [](double n) { return 1.2 * std::sin((n / 2 + 0.25) * std::numbers::pi); };
    Limiter limiter(-1, 48000);
    // Sounding softly before and after, so that the edges of the burst are no peaks of their own.
    const auto out = limited(sound(48000,
                                   [&](double n) {
                                       const double x = (n - 24000) / 6000;
                                       return between(n) * std::exp(-x * x);
                                   }),
                             limiter);
    EXPECT_LE(true_peak(out), -0.95);
    EXPECT_NEAR(limiter.limited_db(), decibels(1.2) + 1, 0.2);
}

TEST(LimiterTest, BendsASteadyToneWithoutDistortingIt)
{
    Limiter limiter(-6, 48000);
    const auto out = limited(sound(96000, sine(440, 1.0)), limiter);
    EXPECT_LT(worst_residual(out, 440, 24000, 90000), 0.001);
    EXPECT_NEAR(test::rms(out, 24000, 90000) * std::sqrt(2), std::pow(10, -6 / 20.0), 0.01);
}

TEST(LimiterTest, RecoversAfterAPeak)
{
    auto stereo = sound(96000, sine(440, 0.25));
    stereo[2 * 24000] = stereo[2 * 24000 + 1] = 2.0F;
    Limiter limiter(-1, 48000);
    const auto out = limited(stereo, limiter);
    EXPECT_LE(true_peak(out), -0.9);
    for (std::size_t n = 0; n < 23500; ++n) {
        ASSERT_EQ(out[2 * n], stereo[2 * n]) << n; // nothing happens before the look-ahead
    }
    EXPECT_NEAR(test::rms(out, 80000, 95000), test::rms(stereo, 80000, 95000), 1e-3);
}

} // namespace
} // namespace longtake::av
