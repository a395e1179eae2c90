#include "stages/deliver/byte_fit.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <functional>

namespace longtake::stages {
namespace {

constexpr std::int64_t k_cap = 10'000'000;

/// What an encoder makes of a rate over a minute, and the bytes of the file besides.
struct Tried {
    int tries = 0;
    std::int64_t file = 0;
    bool kept = false;
};

Tried fitted(ByteFit& fit, double seconds, std::int64_t rest, const std::function<double(double)>& came_to)
{
    Tried tried;
    while (!tried.kept && !fit.over()) {
        const auto pictures = static_cast<std::int64_t>(came_to(static_cast<double>(fit.bitrate())) * seconds / 8);
        tried.file = pictures + rest;
        tried.kept = fit.tried(tried.file, pictures);
        ++tried.tries;
    }
    return tried;
}

TEST(ByteFitTest, AnEncoderThatKeepsItsRateNeedsOneTry)
{
    ByteFit fit(k_cap, 60, 96'000);
    fit.looked(5'000'000, 4'200'000); // 80 kB more than the sound was said to take
    const Tried tried = fitted(fit, 60, 800'000, [](double rate) { return rate; });
    EXPECT_TRUE(tried.kept);
    EXPECT_EQ(tried.tries, 1);
    EXPECT_NEAR(static_cast<double>(tried.file), 0.992 * k_cap, 100);
}

TEST(ByteFitTest, OneThatMissesIsCorrectedEitherWay)
{
    for (const double off : {0.6, 0.93, 1.04, 1.5}) {
        ByteFit fit(k_cap, 20, 0);
        const Tried tried = fitted(fit, 20, 300'000, [&](double rate) { return off * rate; });
        EXPECT_TRUE(tried.kept) << off;
        EXPECT_EQ(tried.tries, 2) << off;
        EXPECT_LE(tried.file, k_cap);
        EXPECT_GE(static_cast<double>(tried.file), ByteFit::k_full * k_cap);
    }
}

TEST(ByteFitTest, AFilmThatCannotUseTheBytesIsKeptAsItIs)
{
    ByteFit fit(k_cap, 20, 0);
    const Tried tried = fitted(fit, 20, 300'000, [](double rate) { return std::min(rate, 1'000'000.0); });
    EXPECT_TRUE(tried.kept);
    EXPECT_EQ(tried.tries, 2) << "the second shows it";
    EXPECT_EQ(tried.file, 2'800'000);
}

TEST(ByteFitTest, WhereNoTryIsFullTheBestIsKnown)
{
    ByteFit fit(k_cap, 20, 0);
    int turn = 0;
    const Tried tried = fitted(fit, 20, 0, [&](double rate) { return rate * (turn++ % 2 == 0 ? 0.5 : 1.3); });
    EXPECT_FALSE(tried.kept);
    EXPECT_TRUE(fit.over());
    EXPECT_TRUE(fit.best());
}

TEST(ByteFitTest, AFilmThatIsTooLongIsRefused)
{
    ByteFit fit(1'000'000, 3600, 96'000);
    try {
        (void)fit.bitrate();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
    }
}

} // namespace
} // namespace longtake::stages
