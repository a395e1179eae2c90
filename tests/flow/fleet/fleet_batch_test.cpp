#include "pipeline/flow/fleet/fleet_batch.h"

#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "tests/flow/batch/cards_batch.h"
#include "tests/support/postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace longtake {
namespace {

namespace fs = std::filesystem;

/// Where a fleet keeps its rows.
struct FleetEngine {
    const char* name;
    std::string (*address)(const fs::path& folder);
};

constexpr FleetEngine k_sqlite_fleet = {"Sqlite", [](const fs::path& folder) { return (folder / "rows.db").string(); }};
constexpr FleetEngine k_postgres_fleet = {"Postgres", test::postgres_of};

constexpr const char* k_three_rows = "name,headline\ncup,Hello\njar,Bye\ntin,Later\n";

/// More than can be made in the three quarters of a second that three processes have until they are ended.
constexpr const char* k_long_row = "name,headline,seconds\ncup,Hello,240\n";

class FleetBatchTest : public ::testing::TestWithParam<FleetEngine> {
protected:
    FleetBatchTest()
    {
        worker_.place.ledger = GetParam().address(dir_.path());
        worker_.place.store = std::make_shared<FolderStore>(dir_ / "store");
        worker_.place.cache = dir_ / "cache";
        worker_.films_at_once = 2;
    }

    BatchResult make(const std::string& csv, bool work = true)
    {
        return make_fleet_batch(cards_.source, cards_.table(csv), cards_.options, cards_.account, cards_.observer,
                                worker_, work);
    }

    /// A worker of another machine.
    WorkerOptions elsewhere(const std::string& name) const
    {
        WorkerOptions options = worker_;
        options.place.cache = dir_ / name;
        options.until_done = true;
        return options;
    }

    std::int64_t frames(const char* film) const
    {
        return av::probe(cards_.options.output / film).video->frames_claimed;
    }

    test::TempDir dir_;
    test::CardsBatch cards_;
    WorkerOptions worker_;
};

INSTANTIATE_TEST_SUITE_P(Engines, FleetBatchTest, ::testing::Values(k_sqlite_fleet, k_postgres_fleet),
                         [](const auto& engine) { return std::string(engine.param.name); });

TEST_P(FleetBatchTest, MakesWhatABatchOfOneMachineMakes)
{
    const BatchResult result = make("name,headline,colour\ncup,Hello,#aa0000\nmug,Much too long a line,blue\n");
    ASSERT_EQ(result.rows.size(), 2U);
    EXPECT_EQ(result.rows[0].outcome, "done");
    EXPECT_EQ(result.rows[1].outcome, "usage");
    EXPECT_NE(result.rows[1].message.find("at most 12"), std::string::npos);
    EXPECT_EQ(frames("cup-preview-360p.mp4"), 24);
    EXPECT_NE(cards_.written("errors.csv").find("mug"), std::string::npos);
    EXPECT_NE(cards_.written("results.jsonl").find("\"name\":\"cup\""), std::string::npos);
}

TEST_P(FleetBatchTest, RowsThatWereLeftToWorkersAreMadeElsewhereAndBroughtHome)
{
    make(k_three_rows, false);
    EXPECT_FALSE(fs::exists(cards_.options.output / "cup-preview-360p.mp4"));
    const WorkerOptions other = elsewhere("other-machine");
    EXPECT_EQ(work_at_rows(other, cards_.account, {}).films, 3);
    EXPECT_FALSE(fs::exists(cards_.options.output / "cup-preview-360p.mp4")) << "it is in the store";
    const BatchResult result = make(k_three_rows);
    EXPECT_EQ(result.done(), 3U);
    EXPECT_EQ(frames("cup-preview-360p.mp4"), 24);
    EXPECT_EQ(frames("tin-preview-360p.mp4"), 24);
}

TEST_P(FleetBatchTest, AnIdleProcessMakesPiecesOfALongFilm)
{
    make(k_long_row, false);
    WorkerOptions both = elsewhere("both"); // one process has the row, the other nothing to do
    EXPECT_EQ(work_at_rows(both, cards_.account, {}).films, 1);
    const BatchResult result = make(k_long_row, false);
    ASSERT_EQ(result.rows.at(0).outcome, "done");
    EXPECT_THAT(result.rows[0].notes, ::testing::Contains(::testing::HasSubstr("made by other workers")));
    const std::string together = read_text(cards_.options.output / "cup-preview-360p.mp4");

    test::CardsBatch alone;
    EXPECT_EQ(alone.make(k_long_row).done(), 1U);
    EXPECT_EQ(together, read_text(alone.options.output / "cup-preview-360p.mp4"));
    EXPECT_TRUE(fs::is_empty(dir_ / "both/help" / batch_id(cards_.options)));
}

TEST_P(FleetBatchTest, WhatIsDoneIsNotMadeAgain)
{
    make(k_three_rows);
    const auto before = fs::last_write_time(cards_.options.output / "cup-preview-360p.mp4");
    EXPECT_EQ(make("name,headline\ncup,Hello\njar,Changed\ntin,Later\n").done(), 3U);
    EXPECT_EQ(fs::last_write_time(cards_.options.output / "cup-preview-360p.mp4"), before);
    fs::remove(cards_.options.output / "cup-preview-360p.mp4");
    make("name,headline\ncup,Hello\njar,Changed\ntin,Later\n");
    EXPECT_EQ(frames("cup-preview-360p.mp4"), 24) << "what the folder lost, the store has";
}

TEST_P(FleetBatchTest, TheRowOfAKilledMachineIsMadeByAnother)
{
    make(k_three_rows, false);
    const WorkerOptions doomed = elsewhere("doomed");
    const pid_t machine = ::fork();
    if (machine == 0) {
        ::setpgid(0, 0);
        work_at_rows(doomed, cards_.account, {});
        ::_exit(0);
    }
    RowQueue queue(open_database(worker_.place.ledger, true), "test");
    while (!queue.counts("").contains("work") && queue.counts("").contains("open")) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(machine, SIGKILL);
    int status = 0;
    ::waitpid(machine, &status, 0);
    work_at_rows(elsewhere("other"), cards_.account, {});
    EXPECT_EQ(make(k_three_rows).done(), 3U);
    for (const QueuedRow& row : queue.rows(batch_id(cards_.options))) {
        EXPECT_EQ(row.crashes, 0) << row.name;
    }
}

TEST_P(FleetBatchTest, ThreeCrashesOfItsOwnProcessFailARow)
{
    make(k_long_row, false);
    WorkerOptions worker = elsewhere("crashing");
    worker.watch_signals = [] { // in the row's process: an end by a signal, when it has had time to begin
        ::signal(SIGALRM, SIG_DFL);
        ::ualarm(250'000, 0);
        return std::stop_token();
    };
    EXPECT_EQ(work_at_rows(worker, cards_.account, {}).crashes, 3);
    RowQueue queue(open_database(worker_.place.ledger, true), "test");
    const QueuedRow row = queue.rows(batch_id(cards_.options)).at(0);
    EXPECT_EQ(row.outcome, "crashed");
    EXPECT_NE(row.message.find("by signal 14"), std::string::npos) << row.message;
    EXPECT_NE(row.message.find("3 times"), std::string::npos) << row.message;
}

TEST_P(FleetBatchTest, AFilmThatGivesNoSignOfLifeIsEnded)
{
    make(k_long_row, false);
    WorkerOptions worker = elsewhere("hanging");
    worker.stall = std::chrono::seconds(1);
    worker.watch_signals = [] {
        ::signal(SIGALRM, [](int) { ::raise(SIGSTOP); }); // a frozen process keeps its session, and its row
        ::ualarm(250'000, 0);
        return std::stop_token();
    };
    EXPECT_EQ(work_at_rows(worker, cards_.account, {}).crashes, 3);
    RowQueue queue(open_database(worker_.place.ledger, true), "test");
    EXPECT_NE(queue.rows(batch_id(cards_.options)).at(0).message.find("hung"), std::string::npos);
}

TEST_P(FleetBatchTest, ProcessesThatEndBeforeTheyHaveARowEndTheWorker)
{
    make("name,headline\ncup,Hello\n", false);
    WorkerOptions worker = elsewhere("broken");
    worker.watch_signals = []() -> std::stop_token { ::_exit(77); };
    EXPECT_THROW(work_at_rows(worker, cards_.account, {}), Error);
    RowQueue queue(open_database(worker_.place.ledger, true), "test");
    EXPECT_EQ(queue.rows(batch_id(cards_.options)).at(0).state, "open");
}

TEST_P(FleetBatchTest, ARehearsalIsNotPaidForByAWorkerOfTheRealService)
{
    cards_.use("paid.json");
    cards_.account.services["kling"].base_url = "http://127.0.0.1:1";
    cards_.account.services["kling"].keys = {{"KLING_ACCESS_KEY", "a"}, {"KLING_SECRET_KEY", "b"}};
    cards_.options.consent = [](const BatchPlan&, double) { return true; };
    make("name,headline\ncup,Hello\n", false);
    Account real = cards_.account;
    real.services["kling"].base_url = "https://api.example.invalid";
    work_at_rows(elsewhere("real"), real, {});
    RowQueue queue(open_database(worker_.place.ledger, true), "test");
    const QueuedRow row = queue.rows(batch_id(cards_.options)).at(0);
    EXPECT_EQ(row.outcome, "credentials");
    EXPECT_NE(row.message.find("queued as a rehearsal"), std::string::npos) << row.message;
}

TEST_P(FleetBatchTest, ABatchThatIsNotAgreedToQueuesNothing)
{
    cards_.use("paid.json");
    cards_.account.services["kling"].keys = {{"KLING_ACCESS_KEY", "a"}, {"KLING_SECRET_KEY", "b"}};
    EXPECT_THROW(make("name,headline\ncup,Hello\n", false), Error);
    RowQueue queue(open_database(worker_.place.ledger, true), "test");
    EXPECT_TRUE(queue.counts("").empty());
}

} // namespace
} // namespace longtake
