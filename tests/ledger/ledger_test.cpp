#include "pipeline/ledger/ledger.h"

#include "tests/support/temp_dir.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace longtake {
namespace {

class LedgerTest : public ::testing::Test {
protected:
    test::TempDir dir_;
};

TakeRecord a_take(const std::string& fingerprint)
{
    TakeRecord take;
    take.fingerprint = fingerprint;
    take.shot = "cup";
    take.index = 2;
    take.kind = "extend";
    take.provider = "local";
    take.model = "local";
    take.job = "job-7";
    take.estimate = 0.28;
    take.footage = {{"frames", 150}};
    return take;
}

TEST_F(LedgerTest, RemembersAStepAcrossReopening)
{
    {
        const auto ledger = open_ledger(dir_ / "ledger.db", Durability::lasting);
        EXPECT_FALSE(ledger->find("k").has_value());
        ledger->record("k", "prepare", {{"file", "a.png"}});
    }
    const auto ledger = open_ledger(dir_ / "ledger.db", Durability::lasting);
    ASSERT_TRUE(ledger->find("k").has_value());
    EXPECT_EQ((*ledger->find("k"))["file"], "a.png");
    ledger->forget("k");
    EXPECT_FALSE(ledger->find("k").has_value());
}

TEST_F(LedgerTest, KeepsEveryFieldOfATake)
{
    const auto ledger = open_ledger(dir_ / "ledger.db", Durability::lasting);
    TakeRecord take = a_take("f1");
    take.state = TakeState::submitted;
    ledger->put(take, Payment::unchanged);
    take.state = TakeState::done;
    ledger->put(take, Payment::unchanged);

    const auto found = ledger->take("f1");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->state, TakeState::done);
    EXPECT_EQ(found->index, 2);
    EXPECT_EQ(found->job, "job-7");
    EXPECT_EQ(found->estimate, 0.28);
    EXPECT_FALSE(found->charged.has_value());
    EXPECT_EQ(found->footage["frames"], 150);
    EXPECT_EQ(ledger->takes().size(), 1U);
}

TEST_F(LedgerTest, AFileOfVersionOneIsBroughtUpToDate)
{
    {
        SQLite::Database old((dir_ / "ledger.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        old.exec(
            "CREATE TABLE takes (fingerprint TEXT PRIMARY KEY, shot TEXT NOT NULL, idx INTEGER NOT NULL, kind TEXT NOT "
            "NULL, provider TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, job TEXT NOT NULL, estimate REAL, "
            "charged REAL, footage TEXT NOT NULL, message TEXT NOT NULL, updated INTEGER NOT NULL)");
        old.exec(
            "INSERT INTO takes VALUES ('f', 'cup', 0, 'open', 'local', 'local', 'done', 'job', 0, NULL, '{}', '', 5)");
        old.exec("PRAGMA user_version=1");
    }
    const auto ledger = open_ledger(dir_ / "ledger.db", Durability::lasting);
    TakeRecord take = ledger->take("f").value();
    EXPECT_EQ(take.own_id, "");
    take.own_id = "lt-1";
    ledger->put(take, Payment::unchanged);
    EXPECT_EQ(open_ledger(dir_ / "ledger.db", Durability::lasting)->take("f")->own_id, "lt-1");
}

TEST_F(LedgerTest, ACommittedIntentSurvivesSigkill)
{
    const auto file = dir_ / "ledger.db";
    const pid_t child = fork();
    if (child == 0) {
        const auto ledger = open_ledger(file, Durability::lasting);
        ledger->put(a_take("paid"), Payment::unchanged);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    const auto ledger = open_ledger(file, Durability::lasting);
    EXPECT_TRUE(ledger->take("paid").has_value());
}

TEST_F(LedgerTest, IsSharedByThreadsAndConnections)
{
    const auto first = open_ledger(dir_ / "ledger.db", Durability::lasting);
    const auto second = open_ledger(dir_ / "ledger.db", Durability::lasting);
    std::thread one([&] {
        for (int i = 0; i < 50; ++i) {
            first->put(a_take("a" + std::to_string(i)), Payment::unchanged);
        }
    });
    std::thread two([&] {
        for (int i = 0; i < 50; ++i) {
            second->put(a_take("b" + std::to_string(i)), Payment::unchanged);
        }
    });
    one.join();
    two.join();
    EXPECT_EQ(first->takes().size(), 100U);
}

} // namespace
} // namespace longtake
