#include "pipeline/av/sound/loudness_curve.h"

#include "pipeline/base/error.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

TEST(LoudnessCurveTest, FollowsTheSoundStepByStep)
{
    const test::TempDir dir;
    std::vector<float> stereo = test::sound(4 * 48000, test::sine(997, 0.1));
    const std::vector<float> louder = test::sound(4 * 48000, test::sine(997, 0.5));
    stereo.insert(stereo.end(), louder.begin(), louder.end());
    const LoudnessCurve curve = loudness_curve(test::write_wav(dir / "s.wav", stereo), 0.5);
    ASSERT_EQ(curve.short_term.size(), 16U);
    ASSERT_EQ(curve.peaks.size(), 16U);
    // a sine of 997 Hz at -20 dBFS in both channels is -20 LUFS (EBU Tech 3341, case 1 scaled)
    EXPECT_NEAR(curve.short_term[7], -20, 0.15);
    EXPECT_NEAR(curve.short_term[15], -6.02, 0.15);
    EXPECT_NEAR(curve.peaks[3], -20, 0.1);
    EXPECT_NEAR(curve.peaks[12], -6.02, 0.1);
}

TEST(LoudnessCurveTest, SilenceIsTheGateAndNoSoundIsAnError)
{
    const test::TempDir dir;
    const LoudnessCurve silent =
        loudness_curve(test::write_wav(dir / "s.wav", test::sound(48000, [](double) { return 0.0; })), 0.5);
    EXPECT_EQ(silent.short_term, std::vector<double>(2, -70));
    EXPECT_EQ(silent.peaks, std::vector<double>(2, -70));
    EXPECT_THROW(loudness_curve(dir / "none.wav", 0.5), Error);
}

} // namespace
} // namespace longtake::av
