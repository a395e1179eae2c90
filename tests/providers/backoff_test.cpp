#include "pipeline/providers/backoff.h"

#include "tests/providers/told_service.h"

#include <chrono>

namespace longtake {
namespace {

using test::GeneratorTest;
using ::testing::HasSubstr;

TEST_F(GeneratorTest, BeingTooFastIsTriedAgain)
{
    service_.submissions.assign(8, Declined{Declined::Then::back_off, Errc::pending, "1302 requests too fast"});
    shoot(request());
    EXPECT_EQ(submits(), 9U) << "longer than where nobody answers at all";
    EXPECT_THAT(notes_, HasSubstr("1302 requests too fast; trying again in"));
}

TEST_F(GeneratorTest, AServiceOutOfReachLeavesTheTakeForAnotherRun)
{
    service_.submissions.assign(6, Declined{Declined::Then::back_off, Errc::pending, "connection refused", false});
    EXPECT_EQ(failure(request()).code(), Errc::pending);
    EXPECT_EQ(record(request()).state, TakeState::waiting) << "nothing is owed";
    shoot(request());
}

TEST_F(GeneratorTest, AJobOutOfSightIsLeftForAnotherRun)
{
    service_.states.assign(12, Unreachable{"timed out"});
    EXPECT_EQ(failure(request()).code(), Errc::pending);
    shoot(request());
    EXPECT_EQ(submits(), 1U);
}

TEST_F(GeneratorTest, RetryAfterIsObeyed)
{
    Declined busy{Declined::Then::back_off, Errc::pending, "429"};
    busy.retry_after = std::chrono::milliseconds(300);
    service_.submissions = {busy};
    service_.states = {Unreachable{"429", std::chrono::milliseconds(300)}};
    const auto begun = std::chrono::steady_clock::now();
    shoot(request());
    EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(600));
}

} // namespace
} // namespace longtake
