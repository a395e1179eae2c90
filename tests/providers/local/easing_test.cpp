#include "pipeline/providers/local/easing.h"

#include <gtest/gtest.h>

#include <cmath>

namespace longtake::local {
namespace {

void expect_same(const MoveState& a, const MoveState& b)
{
    EXPECT_NEAR(a.progress, b.progress, 1e-9);
    EXPECT_NEAR(a.speed, b.speed, 1e-9);
}

/// Speed is the derivative of progress, without jumps, and progress stays where the picture is sure to cover.
void expect_smooth(const Easing& easing, double seconds)
{
    constexpr double k_step = 1e-3;
    for (double t = k_step; t <= seconds; t += k_step) {
        const MoveState before = easing.at(t - k_step);
        const MoveState after = easing.at(t);
        ASSERT_NEAR(after.progress - before.progress, k_step * (before.speed + after.speed) / 2, 1e-6) << t;
        ASSERT_LT(std::abs(after.speed - before.speed), 0.01) << t;
        ASSERT_GE(after.progress, 0);
        ASSERT_LE(after.progress, k_farthest + 1e-9);
    }
}

TEST(Easing, OpensAtRestAndArrivesAtRest)
{
    const Easing easing({.seconds = 5, .move_seconds = 5});
    expect_same(easing.at(0), {0, 0});
    expect_same(easing.at(5), {1, 0});
    expect_same(easing.at(2.5), {0.5, 0.25});
    expect_smooth(easing, 5);
}

TEST(Easing, GoesOnAtTheEndOfATakeThatIsNotTheLast)
{
    const Easing easing({.seconds = 5, .move_seconds = 5, .comes_to_rest = false});
    expect_same(easing.at(5), {1, 1 / 4.5});
    expect_smooth(easing, 5);
}

TEST(Easing, ExtensionsDrawTheSameCurveAsOneLongTake)
{
    for (const double idle : {0.0, 0.3}) {
        const Easing whole({.seconds = 14, .move_seconds = 14, .idle_in = idle, .idle_out = idle});
        const Easing first(
            {.seconds = 5, .move_seconds = 14, .comes_to_rest = false, .idle_in = idle, .idle_out = idle});
        const Easing second({.start = first.at(5),
                             .seconds = 5,
                             .move_seconds = 14,
                             .comes_to_rest = false,
                             .idle_in = idle,
                             .idle_out = idle});
        const Easing third(
            {.start = second.at(5), .seconds = 4, .move_seconds = 14, .idle_in = idle, .idle_out = idle});
        for (double t = 0; t <= 4; t += 0.1) {
            expect_same(first.at(t), whole.at(t));
            expect_same(second.at(t), whole.at(5 + t));
            expect_same(third.at(t), whole.at(10 + t));
        }
    }
}

TEST(Easing, ALastTakeOfAnotherLengthThanPlannedStillArrives)
{
    const Easing first({.seconds = 5, .move_seconds = 15, .comes_to_rest = false});
    const Easing last({.start = first.at(5), .seconds = 8, .move_seconds = 15});
    expect_same(last.at(0), first.at(5));
    expect_same(last.at(8), {1, 0});
    expect_smooth(last, 8);
}

TEST(Easing, ExtensionNobodyPlannedStaysInThePictureAndNeverStandsStill)
{
    for (const MoveState start : {MoveState{1, 0}, MoveState{1, 0.22}, MoveState{0.8, 0.2}, MoveState{0.5, -0.1}}) {
        const Easing easing({.start = start, .seconds = 60, .move_seconds = 5, .comes_to_rest = false});
        expect_same(easing.at(0), start);
        expect_smooth(easing, 60);
        for (double t = 0; t <= 59; t += 0.5) {
            EXPECT_GT(std::abs(easing.at(t + 1).progress - easing.at(t).progress) +
                          std::abs(easing.at(t + 0.5).progress - easing.at(t).progress),
                      1e-3)
                << "from " << start.progress << " at " << t;
        }
    }
}

TEST(Easing, ExtensionNobodyPlannedCanComeToRest)
{
    for (const double seconds : {1.0, 4.0, 5.0, 6.3, 9.9}) {
        const Easing easing({.start = {1, 0.2}, .seconds = seconds, .move_seconds = 5});
        EXPECT_NEAR(easing.at(seconds).speed, 0, 1e-9);
        expect_smooth(easing, seconds);
    }
}

TEST(Easing, ShrinksInAShortTake)
{
    const Easing easing({.seconds = 0.2, .move_seconds = 0.2});
    expect_same(easing.at(0.2), {1, 0});
    EXPECT_GT(easing.at(0.1).speed, 5);
}

TEST(Easing, AMoveBetweenTwoOthersNeverSlowsDown)
{
    const Easing easing({.seconds = 5, .move_seconds = 5, .idle_in = 1, .idle_out = 1});
    for (double t = 0; t <= 5; t += 0.1) {
        EXPECT_NEAR(easing.at(t).speed, 0.2, 1e-12) << t;
        EXPECT_NEAR(easing.at(t).progress, t / 5, 1e-12) << t;
    }
}

} // namespace
} // namespace longtake::local
