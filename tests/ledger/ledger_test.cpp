#include "tests/ledger/any_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <thread>

namespace longtake {
namespace {

using test::a_take;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class LedgerTest : public test::AnyLedgerTest {};

INSTANTIATE_TEST_SUITE_P(Engines, LedgerTest,
                         ::testing::Values(test::k_sqlite, test::k_shared_sqlite, test::k_postgres_engine),
                         test::engine_name);

std::vector<std::string> fingerprints(const std::vector<TakeRecord>& takes)
{
    std::vector<std::string> all;
    for (const TakeRecord& take : takes) {
        all.push_back(take.fingerprint);
    }
    return all;
}

TEST_P(LedgerTest, RemembersAStepAcrossReopening)
{
    {
        const auto ledger = open();
        EXPECT_FALSE(ledger->find("k").has_value());
        ledger->record("k", "prepare", {{"file", "a.png"}});
    }
    const auto ledger = open();
    ASSERT_TRUE(ledger->find("k").has_value());
    EXPECT_EQ((*ledger->find("k"))["file"], "a.png");
    ledger->replace("k", "prepare", {{"file", "b.png"}});
    EXPECT_EQ((*ledger->find("k"))["file"], "b.png");
    ledger->forget("k");
    EXPECT_FALSE(ledger->find("k").has_value());
}

TEST_P(LedgerTest, OfTwoResultsOfAStepTheFirstCounts)
{
    const auto one = open();
    const auto other = open();
    EXPECT_EQ(one->record("k", "prepare", "of an old CPU"), "of an old CPU");
    EXPECT_EQ(other->record("k", "prepare", "of a new CPU"), "of an old CPU");
    EXPECT_EQ(*other->find("k"), "of an old CPU");
}

TEST_P(LedgerTest, AResultThatIsGoneIsReplacedByWhoSawThatFirst)
{
    const auto one = open();
    const auto other = open();
    one->record("k", "prepare", "lost");
    EXPECT_EQ(one->record("k", "prepare", "first", "lost"), "first");
    EXPECT_EQ(other->record("k", "prepare", "second", "lost"), "first");
}

TEST_P(LedgerTest, KeepsItsNameAndItsSalt)
{
    const auto first = open();
    const auto again = open();
    EXPECT_GE(first->id().size(), 32U);
    EXPECT_GE(first->salt().size(), 32U);
    EXPECT_NE(first->id(), first->salt());
    EXPECT_EQ(again->id(), first->id());
    EXPECT_EQ(again->salt(), first->salt());
}

TEST_P(LedgerTest, KeepsEveryFieldOfATake)
{
    const TakeRecord take = a_take("f1");
    const std::int64_t now = std::time(nullptr);
    open()->put(take, Payment::unchanged);
    const auto found = open()->take("f1");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->fingerprint, take.fingerprint);
    EXPECT_EQ(found->shot, take.shot);
    EXPECT_EQ(found->index, take.index);
    EXPECT_EQ(found->kind, take.kind);
    EXPECT_EQ(found->provider, take.provider);
    EXPECT_EQ(found->model, take.model);
    EXPECT_EQ(found->seconds, take.seconds);
    EXPECT_EQ(found->state, take.state);
    EXPECT_EQ(found->job, take.job);
    EXPECT_EQ(found->estimate, take.estimate);
    EXPECT_EQ(found->charged, take.charged);
    EXPECT_EQ(found->footage, take.footage);
    EXPECT_EQ(found->message, take.message);
    EXPECT_EQ(found->own_id, take.own_id);
    EXPECT_EQ(found->account, take.account);
    EXPECT_EQ(found->rehearsal, take.rehearsal);
    EXPECT_EQ(found->submitted, take.submitted);
    EXPECT_EQ(found->expires, take.expires);
    EXPECT_GE(found->updated, now);
}

TEST_P(LedgerTest, WhatIsNotKnownOfATakeStaysUnknown)
{
    TakeRecord take;
    take.fingerprint = "f1";
    const auto ledger = open();
    ledger->put(take, Payment::unchanged);
    const TakeRecord found = ledger->take("f1").value();
    EXPECT_FALSE(found.estimate.has_value());
    EXPECT_FALSE(found.charged.has_value()) << "not known is not free";
    EXPECT_TRUE(found.footage.is_null());
    EXPECT_FALSE(ledger->take("f2").has_value());
}

TEST_P(LedgerTest, KeepsEveryState)
{
    const auto ledger = open();
    for (const TakeState state : {TakeState::intent, TakeState::waiting, TakeState::submitted, TakeState::done,
                                  TakeState::refused, TakeState::ambiguous}) {
        TakeRecord take = a_take("f1");
        take.state = state;
        ledger->put(take, Payment::unchanged);
        EXPECT_EQ(ledger->take("f1")->state, state);
    }
    EXPECT_EQ(ledger->takes().size(), 1U) << "one take, changed";
}

TEST_P(LedgerTest, ListsTakesOfOneSecondByShotAndIndex)
{
    const auto ledger = open();
    std::int64_t began = 0;
    do { // unless a second ends in between
        began = std::time(nullptr);
        for (const auto& [fingerprint, shot, index] :
             {std::tuple("d", "tea", 0), std::tuple("c", "cup", 10), std::tuple("b", "cup", 9)}) {
            TakeRecord take = a_take(fingerprint);
            take.shot = shot;
            take.index = index;
            ledger->put(take, Payment::unchanged);
        }
    } while (std::time(nullptr) != began);
    EXPECT_THAT(fingerprints(ledger->takes()), ElementsAre("b", "c", "d"));
}

TEST_P(LedgerTest, CountsWhatIsReservedThenWhatWasCharged)
{
    const auto ledger = open();
    TakeRecord take = a_take("f1");
    take.rehearsal = false;
    take.charged.reset();
    ledger->put(take, Payment::unchanged);
    EXPECT_EQ(ledger->spent(false), 0);
    EXPECT_FALSE(ledger->payment(take.own_id).has_value());

    ledger->put(take, Payment::reserved);
    EXPECT_DOUBLE_EQ(ledger->spent(false), 0.28);
    ledger->put(take, Payment::charged);
    EXPECT_DOUBLE_EQ(ledger->payment(take.own_id).value(), 0.28) << "the service did not say";
    take.charged = 0.14;
    ledger->put(take, Payment::charged);
    EXPECT_DOUBLE_EQ(ledger->spent(false), 0.14);
    EXPECT_DOUBLE_EQ(ledger->payment(take.own_id).value(), 0.14);
    EXPECT_EQ(ledger->spent(true), 0);

    ledger->put(take, Payment::released);
    EXPECT_EQ(ledger->spent(false), 0);
    EXPECT_FALSE(ledger->payment(take.own_id).has_value());
}

TEST_P(LedgerTest, APaymentIsCountedForEachSubmitNotForEachTake)
{
    const auto ledger = open();
    TakeRecord take = a_take("f1");
    ledger->put(take, Payment::reserved);
    ledger->put(take, Payment::reserved);
    EXPECT_DOUBLE_EQ(ledger->spent(true), 0.28) << "the same submit, asked again";
    take.own_id = "lt-again";
    ledger->put(take, Payment::reserved);
    EXPECT_DOUBLE_EQ(ledger->spent(true), 0.56) << "another submit of the same take";
}

TEST_P(LedgerTest, AnUnknownPriceIsAPaymentAllTheSame)
{
    const auto ledger = open();
    TakeRecord take = a_take("f1");
    take.estimate.reset();
    ledger->put(take, Payment::reserved);
    EXPECT_EQ(ledger->payment(take.own_id), 0.0);
}

TEST_P(LedgerTest, ForgetsOfAnAccountWhatHasNotComeHome)
{
    const auto ledger = open();
    TakeRecord home = a_take("home");
    home.state = TakeState::done;
    TakeRecord other = a_take("other");
    other.account = "another's";
    for (const TakeRecord& take : {home, a_take("away"), other}) {
        ledger->put(take, Payment::reserved);
    }
    ledger->forget_account("whose");
    EXPECT_THAT(fingerprints(ledger->takes()), UnorderedElementsAre("home", "other"));
    EXPECT_TRUE(ledger->payment("lt-home").has_value());
    EXPECT_FALSE(ledger->payment("lt-away").has_value());
    EXPECT_TRUE(ledger->payment("lt-other").has_value());
}

TEST_P(LedgerTest, ACommittedIntentSurvivesSigkill)
{
    const pid_t child = fork();
    if (child == 0) {
        open()->put(a_take("paid"), Payment::reserved);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    const auto ledger = open();
    EXPECT_TRUE(ledger->take("paid").has_value());
    EXPECT_TRUE(ledger->payment("lt-paid").has_value());
}

TEST_P(LedgerTest, IsSharedByThreadsAndConnections)
{
    const auto first = open();
    const auto second = open();
    const auto put = [](Ledger& ledger, const std::string& name) {
        for (int i = 0; i < 50; ++i) {
            ledger.put(a_take(name + std::to_string(i)), Payment::reserved);
        }
    };
    std::thread one([&] { put(*first, "a"); });
    std::thread two([&] { put(*second, "b"); });
    one.join();
    two.join();
    EXPECT_EQ(first->takes().size(), 100U);
    EXPECT_NEAR(second->spent(true), 28, 1e-9);
}

TEST_P(LedgerTest, TakesOfSomeFingerprintsAlone)
{
    const auto ledger = open();
    for (const char* name : {"f1", "f2", "f3"}) {
        ledger->put(a_take(name), Payment::unchanged);
    }
    EXPECT_THAT(fingerprints(ledger->takes_of({"f1", "f3", "f9"})), UnorderedElementsAre("f1", "f3"));
    EXPECT_TRUE(ledger->takes_of({}).empty());
}

TEST_P(LedgerTest, WhoOnlyLooksSeesWhatIsThere)
{
    const auto ledger = open();
    ledger->put(a_take("f1"), Payment::reserved);
    const auto view = open(Durability::read_only);
    EXPECT_EQ(view->id(), ledger->id());
    EXPECT_TRUE(view->take("f1").has_value());
    EXPECT_DOUBLE_EQ(view->spent(true), 0.28);
}

TEST_P(LedgerTest, AnEphemeralOneWorksLikeAnyOther)
{
    const auto ledger = open(Durability::ephemeral);
    ledger->record("k", "prepare", 7);
    ledger->put(a_take("f1"), Payment::unchanged);
    EXPECT_EQ(ledger->find("k"), 7);
    EXPECT_TRUE(ledger->take("f1").has_value());
}

} // namespace
} // namespace longtake
