#include "pipeline/providers/budget.h"

#include "tests/providers/told_service.h"

namespace longtake {
namespace {

using test::GeneratorTest;
using ::testing::HasSubstr;

TEST_F(GeneratorTest, NothingIsSentWithoutConsent)
{
    budget_.consent = [] { return false; };
    EXPECT_EQ(failure(request()).code(), Errc::budget);
    EXPECT_EQ(submits(), 0U);
}

TEST_F(GeneratorTest, TheCapOfAFilmCountsWhatIsPaidTwice)
{
    budget_.max_cost = 0.5; // the plan's 0.28 fit, another 0.28 do not
    service_.submissions = {Unclear{"x"}};
    failure(request());
    decide_to_resubmit(request());
    EXPECT_THAT(failure(request()).what(),
                HasSubstr("$0.56, over --max-cost 0.50: $0.28 are paid or reserved already"));
    EXPECT_EQ(submits(), 1U);
}

TEST_F(GeneratorTest, AnUnknownPriceCannotBeCapped)
{
    TakeRequest unknown = request();
    unknown.take.cost.reset();
    budget_.max_cost = 5;
    EXPECT_THAT(failure(unknown).what(), HasSubstr("providers.<name>.prices"));
    budget_.max_cost.reset();
    budget_.daily_cap = 5;
    EXPECT_EQ(failure(unknown).code(), Errc::budget);
    EXPECT_EQ(submits(), 0U);
}

TEST_F(GeneratorTest, TheDailyCapHoldsOverEveryRunOfTheDay)
{
    budget_.daily_cap = 0.6; // the service charges 0.25 for what was estimated at 0.28
    shoot(request("a"));
    shoot(request("b"));
    EXPECT_THAT(failure(request("c")).what(), HasSubstr("daily cap of $0.60"));
    EXPECT_EQ(submits(), 2U);
}

TEST_F(GeneratorTest, WhatIsTurnedAwayNoLongerCountsAgainstTheCap)
{
    budget_.daily_cap = 0.3;
    service_.submissions = {Declined{Declined::Then::give_up, Errc::provider, "1201"}};
    failure(request("a"));
    shoot(request("b"));
}

} // namespace
} // namespace longtake
