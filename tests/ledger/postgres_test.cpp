// What is of PostgreSQL's making: the session, its tables' versions, what a server must keep.
#include "tests/support/postgres.h"

#include "pipeline/base/error.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/sql/postgres_database.h"
#include "pipeline/ledger/sql/tables.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace longtake {
namespace {

using ::testing::HasSubstr;

class PostgresTest : public ::testing::Test {
protected:
    std::string failure(const std::string& address, bool make = true) const
    {
        try {
            open_database(address, make);
        } catch (const Error& error) {
            code_ = error.code();
            return error.what();
        }
        return "none";
    }

    test::TempDir dir_;
    const std::string url_ = test::postgres_of(dir_.path());
    mutable Errc code_ = Errc::internal;
};

TEST_F(PostgresTest, APasswordIsNotShown)
{
    EXPECT_EQ(shown_url("postgresql://anna:secret@db.example:5433/films?sslmode=require"),
              "postgresql://anna@db.example:5433/films");
    EXPECT_THAT(failure("postgresql://anna:secret@127.0.0.1:1/films"), ::testing::Not(HasSubstr("secret")));
    EXPECT_EQ(code_, Errc::storage);
}

TEST_F(PostgresTest, AnAddressThatCannotBeReadIsSaid)
{
    EXPECT_THAT(failure("postgresql://host/films?nonsense=1"), HasSubstr("nonsense"));
    EXPECT_EQ(code_, Errc::usage);
}

TEST_F(PostgresTest, WhoOnlyLooksMakesNothing)
{
    EXPECT_THAT(failure(url_, false), HasSubstr("holds no ledger yet"));
    EXPECT_EQ(code_, Errc::usage);
    PostgresDatabase raw(url_);
    EXPECT_EQ(integer_of(raw.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'longtake'").rows[0][0]), 0);
}

TEST_F(PostgresTest, ANewerFormatIsRefused)
{
    open_database(url_, true)->run("UPDATE meta SET value = '999' WHERE key = 'format'");
    EXPECT_THAT(failure(url_), HasSubstr("newer longtake"));
    EXPECT_EQ(code_, Errc::usage);
}

TEST_F(PostgresTest, AnOlderFormatIsBroughtUpToDateByWhoMayMakeTables)
{
    {
        const auto old = open_database(url_, true);
        old->run("INSERT INTO batches VALUES ('b', 'name', '{}', 0)");
        old->run("DROP TABLE parts CASCADE");
        old->run("UPDATE meta SET value = '4' WHERE key = 'format'");
    }
    EXPECT_THAT(failure(url_, false), HasSubstr("older longtake"));
    EXPECT_EQ(failure(url_, true), "none");
    const auto now = open_database(url_, false);
    EXPECT_EQ(integer_of(now->run("SELECT count(*) FROM parts").rows[0][0]), 0);
    EXPECT_EQ(integer_of(now->run("SELECT count(*) FROM batches").rows[0][0]), 1);
}

TEST_F(PostgresTest, ManyWhoComeFirstMakeTheTablesOnce)
{
    std::vector<std::jthread> threads;
    std::atomic<int> opened = 0;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { opened += failure(url_) == "none" ? 1 : 0; });
    }
    threads.clear();
    EXPECT_EQ(opened, 8);
    EXPECT_EQ(integer_of(open_database(url_, false)->run("SELECT count(*) FROM meta").rows[0][0]), 3);
}

TEST_F(PostgresTest, AWorkersRoleNeedsNoRightToMakeTables)
{
    const auto owner = open_database(url_, true);
    const std::string role = "worker_" + std::to_string(::getpid());
    owner->run("CREATE ROLE " + role + " LOGIN");
    owner->run("GRANT USAGE ON SCHEMA longtake TO " + role);
    owner->run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA longtake TO " + role);
    std::string as_worker = url_;
    as_worker.replace(as_worker.find("user=longtake"), std::string("user=longtake").size(), "user=" + role);
    const auto ledger = open_ledger(open_database(as_worker, true), "b");
    EXPECT_EQ(ledger->record("k", "s", 1), 1);
    owner->run("DROP OWNED BY " + role);
    owner->run("DROP ROLE " + role);
}

TEST_F(PostgresTest, BothEndsNoticeALostLineSoon)
{
    PostgresDatabase database(url_);
    for (const auto& [name, value] : {std::pair("synchronous_commit", "on"), std::pair("search_path", "longtake")}) {
        EXPECT_EQ(text_of(database.run("SELECT current_setting($1)", {std::string(name)}).rows[0][0]), value);
    }
    // By a socket of the machine keepalives are not asked for, and read as 0; by TCP see tests/soak/scale.
    EXPECT_NO_THROW(database.run("SHOW tcp_keepalives_idle"));
}

TEST_F(PostgresTest, ASessionThatTheServerEndedHoldsNothingAndWritesNothing)
{
    const auto database = std::make_shared<PostgresDatabase>(url_);
    bring_up_to_date(*database, "", true);
    const auto ledger = open_ledger(database, "b");
    const auto held = ledger->hold("f1", {});
    const std::int64_t pid = integer_of(database->run("SELECT pg_backend_pid()").rows[0][0]);
    PostgresDatabase(url_).run("SELECT pg_terminate_backend($1::int)", {pid});
    const auto other = open_ledger(open_database(url_, true), "b");
    EXPECT_TRUE(other->hold("f1", {}));
    TakeRecord take;
    take.fingerprint = "f1";
    EXPECT_THROW(ledger->put(take, Payment::unchanged), Error);
    EXPECT_FALSE(other->take("f1").has_value());
}

TEST_F(PostgresTest, DashboardsHaveViews)
{
    const auto database = open_database(url_, true);
    for (const char* view : {"rows_now", "spending", "takes_now"}) {
        EXPECT_TRUE(database->run(std::string("SELECT * FROM ") + view).rows.empty()) << view;
    }
}

} // namespace
} // namespace longtake
