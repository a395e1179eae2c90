#include "pipeline/av/clip/cadence.h"

#include <gtest/gtest.h>

#include <cmath>

namespace longtake::av {
namespace {

constexpr double k_tick = 1.0 / 90000;

/// Pictures at these places of a grid.
template <class Keep>
std::vector<std::int64_t> grid(double fps, int places, double tick, Keep keep)
{
    std::vector<std::int64_t> times;
    for (int i = 0; i < places; ++i) {
        if (keep(i)) {
            times.push_back(std::llround(i / fps / tick));
        }
    }
    return times;
}

constexpr auto k_all = [](int) { return true; };

TEST(CadenceTest, AConstantRateIsTheHeaders)
{
    for (const Rate rate : {Rate{24, 1}, Rate{30000, 1001}, Rate{15, 1}, Rate{25, 2}}) {
        const Cadence cadence = cadence_of(grid(rate.fps(), 50, k_tick, k_all), k_tick, rate);
        EXPECT_TRUE(cadence.constant) << rate.text();
        EXPECT_EQ(cadence.rate, rate) << cadence.rate.text();
    }
}

/// The header's average counts how long the last picture stands; the grid does not.
TEST(CadenceTest, ALastPictureThatIsHeldDoesNotBendTheRate)
{
    const Cadence cadence = cadence_of(grid(30, 30, k_tick, k_all), k_tick, Rate{900, 31});
    EXPECT_TRUE(cadence.constant);
    EXPECT_EQ(cadence.rate, (Rate{30, 1}));
}

TEST(CadenceTest, AVariableRateIsItsBase)
{
    struct Case {
        double fps;
        bool (*keep)(int);
        Rate base;
    };
    const std::vector<Case> cases = {
        {60, [](int i) { return i % 17 != 16; }, {60, 1}},            // a frame lost now and then
        {25, [](int i) { return i % 30 != 17; }, {25, 1}},            // the same
        {60, [](int i) { return i % 60 == 0 || i >= 240; }, {60, 1}}, // a screen that stands still, then moves
        {60000.0 / 1001, [](int i) { return i % 7 != 3; }, {60000, 1001}},
        {24000.0 / 1001, [](int i) { return i % 9 != 3; }, {24000, 1001}},
    };
    for (const double tick : {k_tick, 0.001}) {
        for (const Case& one : cases) {
            const auto times = grid(one.fps, 600, tick, one.keep);
            const auto average =
                static_cast<int>(std::lround(1000.0 * static_cast<double>(times.size()) / 600 * one.fps));
            const Cadence cadence = cadence_of(times, tick, Rate{average, 1000});
            EXPECT_FALSE(cadence.constant) << one.base.text();
            EXPECT_EQ(cadence.rate, one.base) << cadence.rate.text() << " at ticks of " << tick;
        }
    }
}

TEST(CadenceTest, SlidesGetAUsualRate)
{
    EXPECT_EQ(cadence_of({0, 180000, 450000}, k_tick, Rate{3, 5}).rate, (Rate{30, 1}));
    EXPECT_EQ(cadence_of(grid(0.5, 5, k_tick, k_all), k_tick, Rate{1, 2}).rate, (Rate{30, 1}));
    EXPECT_EQ(cadence_of({0}, k_tick, Rate{1, 10}).rate, (Rate{30, 1}));
}

TEST(CadenceTest, ARateThatNoFilmCanHaveIsAUsualOne)
{
    const Cadence fast = cadence_of(grid(500, 50, k_tick, k_all), k_tick, Rate{500, 1});
    EXPECT_EQ(fast.rate, (Rate{60, 1}));
    EXPECT_FALSE(fast.constant);
    EXPECT_EQ(cadence_of({0}, k_tick, Rate{12800, 1}).rate, (Rate{30, 1}));
    EXPECT_EQ(cadence_of(grid(240, 50, k_tick, k_all), k_tick, Rate{240, 1}).rate, (Rate{240, 1}));
}

/// Timestamps on no grid at all, as some recorders write them.
TEST(CadenceTest, AnIrregularRateIsTheNextUsualOne)
{
    std::vector<std::int64_t> times;
    std::int64_t at = 0;
    for (int i = 0; i < 300; ++i) {
        at += 2400 + i * 997 % 1900; // 27 to 48 ms
        times.push_back(at);
    }
    const Rate rate = cadence_of(times, k_tick, Rate{27, 1}).rate;
    EXPECT_TRUE((rate == Rate{48, 1})) << rate.text();
}

} // namespace
} // namespace longtake::av
