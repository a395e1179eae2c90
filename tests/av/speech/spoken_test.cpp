#include "pipeline/av/speech/spoken.h"

#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace longtake::av {
namespace {

/// Seconds [a, b) sound, over a floor of noise.
std::filesystem::path speech(const std::filesystem::path& file, const std::vector<std::pair<double, double>>& parts,
                             double seconds, double floor)
{
    std::uint32_t state = 1;
    const auto value = [&](double n) {
        state = state * 1664525U + 1013904223U;
        const double noise = floor * (static_cast<double>(state >> 8) / (1 << 23) - 1);
        for (const auto& [from, to] : parts) {
            if (n >= from * 48000 && n < to * 48000) {
                return noise + test::sine(220, 0.3)(n);
            }
        }
        return noise;
    };
    return test::write_wav(file, test::sound(static_cast<std::size_t>(seconds * 48000), value));
}

TEST(SpokenTest, PausesAreFoundOverTheRoomsNoise)
{
    const test::TempDir dir;
    for (const double floor : {0.0, 0.01}) {
        const auto found = spoken_parts(speech(dir / "a.wav", {{0.4, 1.0}, {1.1, 2.0}, {2.6, 3.0}}, 4, floor));
        ASSERT_EQ(found.size(), 2U) << "a tenth of a second lies inside words";
        EXPECT_NEAR(found[0].first, 0.4, 0.021);
        EXPECT_NEAR(found[0].second, 2.0, 0.021);
        EXPECT_NEAR(found[1].first, 2.6, 0.021);
        EXPECT_NEAR(found[1].second, 3.0, 0.021);
    }
}

TEST(SpokenTest, SilenceHasNone)
{
    const test::TempDir dir;
    EXPECT_TRUE(spoken_parts(speech(dir / "a.wav", {}, 1, 0)).empty());
}

} // namespace
} // namespace longtake::av
