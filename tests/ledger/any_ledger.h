#pragma once

#include "pipeline/ledger/ledger.h"
#include "tests/support/postgres.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::test {

/// A database that a ledger can be kept in.
struct Engine {
    const char* name;
    /// Opens the ledger of a working directory, or creates it.
    std::unique_ptr<Ledger> (*open)(const std::filesystem::path& workdir, Durability durability);
};

inline constexpr Engine k_sqlite = {"Sqlite", [](const std::filesystem::path& workdir, Durability durability) {
                                        return open_ledger(workdir / "ledger.db", durability);
                                    }};

/// As of processes that share a file.
inline constexpr Engine k_shared_sqlite = {"SharedSqlite",
                                           [](const std::filesystem::path& workdir, Durability durability) {
                                               return open_ledger(workdir / "ledger.db", durability, workdir / "locks");
                                           }};

/// As of many machines: each ledger is a session of its own.
inline constexpr Engine k_postgres_engine = {
    "Postgres", [](const std::filesystem::path& workdir, Durability durability) {
        return open_ledger(open_database(postgres_of(workdir), durability != Durability::read_only), "batch");
    }};

/// What any ledger does, whichever database keeps it: told by its interface alone.
class AnyLedgerTest : public ::testing::TestWithParam<Engine> {
protected:
    void SetUp() override { open(); } // the database is there before a test forks

    std::unique_ptr<Ledger> open(Durability durability = Durability::lasting)
    {
        return GetParam().open(dir_.path(), durability);
    }

    TempDir dir_;
};

inline std::string engine_name(const ::testing::TestParamInfo<Engine>& engine)
{
    return engine.param.name;
}

inline TakeRecord a_take(const std::string& fingerprint)
{
    TakeRecord take;
    take.fingerprint = fingerprint;
    take.shot = "cup";
    take.index = 2;
    take.kind = "extend";
    take.provider = "kling";
    take.model = "kling-v2-6";
    take.seconds = 5.5;
    take.state = TakeState::submitted;
    take.job = "job-7";
    take.estimate = 0.28;
    take.charged = 0.14;
    take.footage = {{"frames", 150}};
    take.message = "it said 'no';";
    take.own_id = "lt-" + fingerprint;
    take.account = "whose";
    take.rehearsal = true;
    take.submitted = 5'000'000'000; // more than 32 bits
    take.expires = 6'000'000'000;
    return take;
}

/// Asked for just now.
inline TakeRecord asked(const std::string& fingerprint)
{
    TakeRecord take = a_take(fingerprint);
    take.state = TakeState::intent;
    take.charged.reset();
    return take;
}

} // namespace longtake::test
