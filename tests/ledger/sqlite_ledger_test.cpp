#include "pipeline/ledger/ledger.h"

#include "pipeline/base/error.h"
#include "pipeline/ledger/sql/tables.h"
#include "tests/support/temp_dir.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace longtake {
namespace {

/// What is of SQLite's making: the file, and its formats.
class SqliteLedgerTest : public ::testing::Test {
protected:
    /// A file as the first version wrote it, with one take of a service.
    void write_version_one() const
    {
        SQLite::Database old(file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        old.exec(
            "CREATE TABLE takes (fingerprint TEXT PRIMARY KEY, shot TEXT NOT NULL, idx INTEGER NOT NULL, kind TEXT NOT "
            "NULL, provider TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, job TEXT NOT NULL, estimate REAL, "
            "charged REAL, footage TEXT NOT NULL, message TEXT NOT NULL, updated INTEGER NOT NULL)");
        old.exec("INSERT INTO takes VALUES "
                 "('f', 'cup', 0, 'open', 'kling', 'v2', 'done', 'job', 0.28, NULL, '{}', '', 5)");
        old.exec("PRAGMA user_version=1");
    }

    std::string bytes() const
    {
        std::ifstream file(file_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    Errc failure(Durability durability) const
    {
        try {
            const auto ledger = open_ledger(file_, durability);
        } catch (const Error& error) {
            return error.code();
        }
        return Errc::internal;
    }

    test::TempDir dir_;
    const std::filesystem::path file_ = dir_ / "ledger.db";
};

TEST_F(SqliteLedgerTest, AFileOfVersionOneIsBroughtUpToDate)
{
    write_version_one();
    const auto ledger = open_ledger(file_, Durability::lasting);
    TakeRecord take = ledger->take("f").value();
    EXPECT_EQ(take.own_id, "");
    EXPECT_DOUBLE_EQ(ledger->spent(false), 0.28);
    take.own_id = "lt-1";
    ledger->put(take, Payment::unchanged);
    EXPECT_EQ(open_ledger(file_, Durability::lasting)->take("f")->own_id, "lt-1");
}

/// A file as version 3 wrote it: what was paid is counted on.
TEST_F(SqliteLedgerTest, WhatVersionThreeHasPaidIsCounted)
{
    open_ledger(file_, Durability::lasting);
    {
        SQLite::Database db(file_.string(), SQLite::OPEN_READWRITE);
        db.exec("DROP TABLE sums; DROP TABLE payments; DROP TABLE accounts; DROP TABLE batches; DROP TABLE batch_rows");
        db.exec("DROP INDEX takes_by_place");
        db.exec("ALTER TABLE takes DROP COLUMN deadline; ALTER TABLE takes DROP COLUMN owner");
        db.exec("CREATE TABLE payments (own_id TEXT PRIMARY KEY, account TEXT NOT NULL, rehearsal INTEGER NOT NULL, "
                "amount REAL, charged REAL)");
        db.exec("INSERT INTO payments VALUES ('lt-1', 'a', 0, 0.28, 0.14), ('lt-2', 'a', 0, 0.1, NULL), "
                "('lt-3', 'a', 1, 5, NULL), ('lt-4', 'a', 0, NULL, NULL)");
        db.exec("PRAGMA user_version=3");
    }
    const auto ledger = open_ledger(file_, Durability::lasting);
    EXPECT_DOUBLE_EQ(ledger->spent(false), 0.24);
    EXPECT_DOUBLE_EQ(ledger->spent(true), 5);
    TakeRecord take;
    take.fingerprint = "f";
    take.own_id = "lt-2";
    ledger->put(take, Payment::released);
    EXPECT_DOUBLE_EQ(ledger->spent(false), 0.14);
}

TEST_F(SqliteLedgerTest, VersionFourGainsPartsAndKeepsTheRest)
{
    TakeRecord take;
    take.fingerprint = "f";
    take.own_id = "lt-1";
    take.estimate = 0.28;
    open_ledger(file_, Durability::lasting)->put(take, Payment::reserved);
    SQLite::Database(file_.string(), SQLite::OPEN_READWRITE).exec("DROP TABLE parts; PRAGMA user_version=4");
    const auto ledger = open_ledger(file_, Durability::lasting);
    EXPECT_TRUE(ledger->take("f").has_value());
    EXPECT_DOUBLE_EQ(ledger->spent(false), 0.28);
    EXPECT_EQ(SQLite::Database(file_.string()).execAndGet("SELECT count(*) FROM parts").getInt(), 0);
}

TEST_F(SqliteLedgerTest, ColumnsInAnotherOrderAreReadByTheirNames)
{
    open_ledger(file_, Durability::lasting);
    {
        SQLite::Database db(file_.string(), SQLite::OPEN_READWRITE);
        db.exec("ALTER TABLE takes RENAME COLUMN model TO other");
        db.exec("ALTER TABLE takes ADD COLUMN model TEXT NOT NULL DEFAULT ''");
        db.exec("ALTER TABLE takes DROP COLUMN other");
    }
    TakeRecord take;
    take.fingerprint = "f";
    take.model = "v2";
    take.job = "job-7";
    const auto ledger = open_ledger(file_, Durability::lasting);
    ledger->put(take, Payment::unchanged);
    EXPECT_EQ(ledger->take("f")->model, "v2");
    EXPECT_EQ(ledger->take("f")->job, "job-7");
}

TEST_F(SqliteLedgerTest, AnOlderFormatIsLookedAtWithoutTouchingIt)
{
    write_version_one();
    const std::string before = bytes();
    EXPECT_TRUE(open_ledger(file_, Durability::read_only)->take("f").has_value());
    EXPECT_EQ(bytes(), before);
}

TEST_F(SqliteLedgerTest, ANewerFormatIsRefused)
{
    open_ledger(file_, Durability::lasting);
    SQLite::Database(file_.string(), SQLite::OPEN_READWRITE)
        .exec("PRAGMA user_version=" + std::to_string(k_ledger_format + 1));
    EXPECT_EQ(failure(Durability::lasting), Errc::usage);
    EXPECT_EQ(failure(Durability::read_only), Errc::usage);
}

TEST_F(SqliteLedgerTest, ItsFileIsItsOwnersAlone)
{
    std::ofstream(file_).close();
    std::filesystem::permissions(file_, std::filesystem::perms(0644));
    open_ledger(file_, Durability::lasting);
    EXPECT_EQ(std::filesystem::status(file_).permissions(), std::filesystem::perms(0600));
}

TEST_F(SqliteLedgerTest, ALinkIsRefused)
{
    std::filesystem::create_symlink(dir_ / "elsewhere.db", file_);
    EXPECT_EQ(failure(Durability::lasting), Errc::storage);
    EXPECT_EQ(failure(Durability::read_only), Errc::usage);
    EXPECT_FALSE(std::filesystem::exists(dir_ / "elsewhere.db"));
}

/// The last connection takes the -wal away as it closes; locks tell it whether it is the last.
TEST_F(SqliteLedgerTest, AnotherConnectionOfTheProcessLeavesItsLocksAlone)
{
    int opened[2] = {};
    ASSERT_EQ(::pipe(opened), 0);
    const pid_t child = ::fork(); // before SQLite is used here: its connections do not outlive a fork
    if (child == 0) {
        ::close(opened[1]);
        char byte = 0;
        const bool told = ::read(opened[0], &byte, 1) == 1;
        open_ledger(file_, Durability::lasting);
        ::_exit(told ? 0 : 1);
    }
    const auto first = open_ledger(file_, Durability::lasting);
    first->record("k", "prepare", 1);
    const auto second = open_ledger(file_, Durability::lasting);
    ASSERT_EQ(::write(opened[1], "o", 1), 1);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    EXPECT_TRUE(std::filesystem::exists(file_.string() + "-wal"));
    ::close(opened[0]);
    ::close(opened[1]);
}

} // namespace
} // namespace longtake
