// Of many who write in one ledger: intents under caps, takes that one has alone.
#include "pipeline/base/error.h"
#include "tests/ledger/any_ledger.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

namespace longtake {
namespace {

using test::a_take;
using test::asked;

class IntentTest : public test::AnyLedgerTest {};

INSTANTIATE_TEST_SUITE_P(Engines, IntentTest,
                         ::testing::Values(test::k_sqlite, test::k_shared_sqlite, test::k_postgres_engine),
                         test::engine_name);

TEST_P(IntentTest, AnIntentIsWrittenWithItsMoneyOrNotAtAll)
{
    const auto ledger = open();
    const TakeRecord take = asked("f1");
    EXPECT_EQ(ledger->intend(take, {}).verdict, Admission::Verdict::admitted);
    EXPECT_EQ(ledger->take("f1")->state, TakeState::intent);
    EXPECT_DOUBLE_EQ(ledger->spent(true), 0.28);

    Caps caps;
    caps.film = 0.5;
    const Admission refused = ledger->intend(asked("f2"), caps);
    EXPECT_EQ(refused.verdict, Admission::Verdict::over_film);
    EXPECT_DOUBLE_EQ(refused.film, 0.28);
    EXPECT_FALSE(ledger->take("f2").has_value());
    EXPECT_DOUBLE_EQ(ledger->spent(true), 0.28);
    EXPECT_FALSE(ledger->payment("lt-f2").has_value());
}

TEST_P(IntentTest, ACapThatIsJustReachedIsKept)
{
    const auto ledger = open();
    Caps caps;
    caps.film = 0.28 * 3;
    for (const char* name : {"f1", "f2", "f3"}) {
        EXPECT_EQ(ledger->intend(asked(name), caps).verdict, Admission::Verdict::admitted) << name;
    }
    EXPECT_EQ(ledger->intend(asked("f4"), caps).verdict, Admission::Verdict::over_film);
}

TEST_P(IntentTest, TheSameSubmitAgainIsNoMoreMoney)
{
    const auto ledger = open();
    Caps caps;
    caps.film = 0.3;
    ledger->intend(asked("f1"), caps);
    EXPECT_EQ(ledger->intend(asked("f1"), caps).verdict, Admission::Verdict::admitted);
    EXPECT_DOUBLE_EQ(ledger->spent(true), 0.28);
}

TEST_P(IntentTest, ADayCountsWhatItsAccountReservedAndWasCharged)
{
    const auto ledger = open();
    Caps caps;
    caps.day_account = "kling";
    caps.day = 0.6;
    TakeRecord first = asked("f1");
    ledger->intend(first, caps);
    ledger->intend(asked("f2"), caps);
    EXPECT_EQ(ledger->intend(asked("f3"), caps).verdict, Admission::Verdict::over_day);
    first.state = TakeState::done;
    first.charged = 0.04;
    ledger->put(first, Payment::charged);
    const Admission admission = ledger->intend(asked("f3"), caps);
    EXPECT_EQ(admission.verdict, Admission::Verdict::admitted);
    EXPECT_DOUBLE_EQ(admission.day, 0.32);
    caps.day_account = "another";
    EXPECT_EQ(ledger->intend(asked("f4"), caps).verdict, Admission::Verdict::admitted);
}

TEST_P(IntentTest, AnAccountHasSoManyPlaces)
{
    const auto ledger = open();
    Caps caps;
    caps.places = 2;
    TakeRecord first = asked("f1");
    ledger->intend(first, caps);
    ledger->intend(asked("f2"), caps);
    EXPECT_EQ(ledger->intend(asked("f3"), caps).verdict, Admission::Verdict::no_place);
    EXPECT_FALSE(ledger->take("f3").has_value());
    TakeRecord other = asked("f4");
    other.account = "another's";
    EXPECT_EQ(ledger->intend(other, caps).verdict, Admission::Verdict::admitted);
    first.state = TakeState::done;
    ledger->put(first, Payment::charged);
    EXPECT_EQ(ledger->intend(asked("f3"), caps).verdict, Admission::Verdict::admitted);
}

TEST_P(IntentTest, AServiceThatSaysTooManyLowersThePlacesForAll)
{
    const auto one = open();
    const auto other = open();
    Caps caps;
    caps.places = 10;
    TakeRecord first = asked("f1");
    one->intend(first, caps);
    one->intend(asked("f2"), caps);
    other->lower_places("whose");
    EXPECT_EQ(other->intend(asked("f3"), caps).verdict, Admission::Verdict::no_place);
    first.state = TakeState::done;
    one->put(first, Payment::charged);
    EXPECT_EQ(other->intend(asked("f3"), caps).verdict, Admission::Verdict::admitted);
}

TEST_P(IntentTest, AnIntentOfManyMachinesHasADeadlineByTheLedgersClock)
{
    const auto ledger = open();
    Caps caps;
    caps.submit_lasts = std::chrono::seconds(30);
    const Admission admission = ledger->intend(asked("f1"), caps);
    EXPECT_NEAR(static_cast<double>(admission.deadline - ledger->now()), 30, 2);
    EXPECT_EQ(ledger->take("f1")->deadline, admission.deadline);
    EXPECT_EQ(ledger->intend(asked("f2"), {}).deadline, 0);
}

TEST_P(IntentTest, CapsHoldWhenManyIntendAtOnce)
{
    const auto ask = [this](int who, std::atomic<int>& admitted) {
        const auto ledger = open();
        Caps caps;
        caps.film = 0.28 * 10;
        for (int i = 0; i < 10; ++i) {
            const std::string name = std::to_string(who) + "-" + std::to_string(i);
            admitted += ledger->intend(asked(name), caps).verdict == Admission::Verdict::admitted ? 1 : 0;
        }
    };
    std::atomic<int> admitted = 0;
    std::vector<std::jthread> threads;
    for (int who = 0; who < 4; ++who) {
        threads.emplace_back([&, who] { ask(who, admitted); });
    }
    threads.clear();
    EXPECT_EQ(admitted, 10);
    EXPECT_DOUBLE_EQ(open()->spent(true), 2.8);
}

/// Of ledgers that several processes share.
class SharedLedgerTest : public test::AnyLedgerTest {};

INSTANTIATE_TEST_SUITE_P(Engines, SharedLedgerTest, ::testing::Values(test::k_shared_sqlite, test::k_postgres_engine),
                         test::engine_name);

TEST_P(SharedLedgerTest, ATakeIsHeldByOneUntilItLetsGo)
{
    const auto one = open();
    const auto other = open();
    auto held = one->hold("f1", {});
    const auto another = one->hold("f2", {});
    std::atomic<bool> let_go = false;
    std::jthread waiter([&] {
        const auto mine = other->hold("f1", {});
        EXPECT_TRUE(let_go);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    let_go = true;
    held.reset();
}

TEST_P(SharedLedgerTest, WaitingForATakeCanBeStopped)
{
    const auto one = open();
    const auto other = open();
    const auto held = one->hold("f1", {});
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(other->hold("f1", stop.get_token()), Error);
}

TEST_P(SharedLedgerTest, WhoHoldsATakeAloneWritesIt)
{
    const auto one = open();
    const auto other = open();
    auto held = one->hold("f1", {});
    one->put(a_take("f1"), Payment::unchanged);
    EXPECT_THROW(other->put(a_take("f1"), Payment::unchanged), Error);
    EXPECT_THROW(other->intend(asked("f1"), {}), Error);
    EXPECT_FALSE(other->payment("lt-f1").has_value()) << "the money goes with the take";
    held.reset();
    const auto taken_over = other->hold("f1", {});
    other->put(a_take("f1"), Payment::unchanged);
    EXPECT_THROW(one->put(a_take("f1"), Payment::unchanged), Error) << "what comes late is fenced";
}

TEST_P(SharedLedgerTest, AKilledHoldersTakeIsFreeAtOnce)
{
    int held[2] = {};
    ASSERT_EQ(::pipe(held), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto ledger = open();
        const auto mine = ledger->hold("f1", {});
        ledger->put(a_take("f1"), Payment::unchanged);
        [[maybe_unused]] const auto told = ::write(held[1], "h", 1);
        ::pause();
    }
    char byte = 0;
    ASSERT_EQ(::read(held[0], &byte, 1), 1);
    const auto ledger = open();
    const auto began = std::chrono::steady_clock::now();
    ::kill(child, SIGKILL);
    const auto taken_over = ledger->hold("f1", {});
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
    ledger->put(a_take("f1"), Payment::unchanged);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(held[0]);
    ::close(held[1]);
}

TEST_P(SharedLedgerTest, AnythingCanBeHeld)
{
    const auto one = open();
    const auto other = open();
    auto held = one->try_hold("segment-1");
    EXPECT_TRUE(held);
    EXPECT_FALSE(other->try_hold("segment-1"));
    EXPECT_TRUE(other->try_hold("segment-2"));
    held.reset();
    EXPECT_TRUE(other->try_hold("segment-1"));
}

} // namespace
} // namespace longtake
