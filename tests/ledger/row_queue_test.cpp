#include "pipeline/ledger/row_queue.h"

#include "pipeline/base/error.h"
#include "tests/support/postgres.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

namespace longtake {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

/// Where a queue is kept.
struct QueueEngine {
    const char* name;
    std::string (*address)(const std::filesystem::path& folder);
};

constexpr QueueEngine k_sqlite_queue = {
    "Sqlite", [](const std::filesystem::path& folder) { return (folder / "rows.db").string(); }};
constexpr QueueEngine k_postgres_queue = {"Postgres", test::postgres_of};

class RowQueueTest : public ::testing::TestWithParam<QueueEngine> {
protected:
    void SetUp() override
    {
        address_ = GetParam().address(dir_.path());
        open_database(address_, true);
    }

    /// A session of its own.
    std::shared_ptr<Database> session() const { return open_database(address_, true); }

    static QueuedRow row(int number, const std::string& batch = "b1")
    {
        QueuedRow row;
        row.batch = batch;
        row.number = number;
        row.name = "film-" + std::to_string(number);
        row.film_key = "key";
        row.board = {{"title", row.name}};
        return row;
    }

    test::TempDir dir_;
    std::string address_;
};

INSTANTIATE_TEST_SUITE_P(Engines, RowQueueTest, ::testing::Values(k_sqlite_queue, k_postgres_queue),
                         [](const auto& engine) { return std::string(engine.param.name); });

TEST_P(RowQueueTest, RowsAreClaimedInOrderAndOnce)
{
    RowQueue one(session(), "one");
    RowQueue other(session(), "other");
    one.add({row(2), row(1), row(10)}, {});
    EXPECT_EQ(one.claim("")->number, 1);
    EXPECT_EQ(other.claim("")->number, 2);
    const auto last = one.claim("b1");
    EXPECT_EQ(last->number, 10);
    EXPECT_EQ(last->board.at("title"), "film-10");
    EXPECT_FALSE(other.claim("").has_value());
    EXPECT_FALSE(other.has_work(""));
}

/// Sorting all open rows for each claim took 109 ms of 100,000 (PostgreSQL), reading them in their order 4.
TEST_P(RowQueueTest, ALongQueueIsReadInTheOrderOfItsIndex)
{
    const auto database = session();
    database->run("WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 5000) "
                  "INSERT INTO batch_rows (batch, number, name, film_key, board, state) "
                  "SELECT 'long', i, 'film-' || i, 'key', '{}', 'open' FROM numbers");
    database->run("ANALYZE batch_rows");
    std::string plan;
    for (const char* of_batch : {"", " AND batch = 'long'"}) {
        const bool sqlite = GetParam().name == k_sqlite_queue.name;
        for (const SqlRow& row : database
                                     ->run(std::string(sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") +
                                           "SELECT name FROM batch_rows WHERE state = 'open' AND not_before <= 0" +
                                           of_batch + " ORDER BY batch, number LIMIT 1")
                                     .rows) {
            plan += text_of(row.back()) + "\n";
        }
    }
    EXPECT_NE(plan.find("batch_rows_in_turn"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("Sort"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
}

TEST_P(RowQueueTest, ABatchIsWorkedAtAlone)
{
    RowQueue queue(session(), "one");
    queue.add({row(1, "b1"), row(1, "b2")}, {});
    EXPECT_EQ(queue.claim("b2")->batch, "b2");
    EXPECT_FALSE(queue.has_work("b2"));
    EXPECT_TRUE(queue.has_work("b1"));
    EXPECT_TRUE(queue.has_work(""));
}

TEST_P(RowQueueTest, WhatARowCameToIsKept)
{
    RowQueue queue(session(), "one:7");
    queue.add({row(1), row(2)}, {});
    QueuedRow done = queue.claim("").value();
    done.outcome = "done";
    done.result = {{"file", "a.mp4"}};
    queue.finish(done);
    QueuedRow failed = queue.claim("").value();
    failed.outcome = "input";
    failed.message = "no such picture";
    queue.finish(failed);
    const std::vector<QueuedRow> rows = queue.rows("b1");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].state, "done");
    EXPECT_EQ(rows[0].result.at("file"), "a.mp4");
    EXPECT_EQ(rows[0].worker, "one:7");
    EXPECT_EQ(rows[1].state, "failed");
    EXPECT_EQ(rows[1].message, "no such picture");
    EXPECT_THAT(queue.counts("b1"), UnorderedElementsAre(Pair("done", 1), Pair("failed", 1)));
}

TEST_P(RowQueueTest, ABatchIsOverOnceNoRowIsOpenOrAtWork)
{
    RowQueue queue(session(), "one");
    queue.add({row(1), row(1, "b2")}, {});
    EXPECT_FALSE(queue.is_over(""));
    QueuedRow first = queue.claim("b1").value();
    EXPECT_FALSE(queue.is_over("b1"));
    first.outcome = "done";
    queue.finish(first);
    EXPECT_TRUE(queue.is_over("b1"));
    EXPECT_FALSE(queue.is_over(""));
    QueuedRow second = queue.claim("b2").value();
    second.outcome = "input";
    queue.finish(second);
    EXPECT_TRUE(queue.is_over(""));
}

TEST_P(RowQueueTest, TheRowOfASessionThatEndedIsFree)
{
    RowQueue queue(session(), "one");
    queue.add({row(1), row(2)}, {});
    {
        RowQueue gone(session(), "gone");
        EXPECT_EQ(gone.claim("")->number, 1);
    }
    EXPECT_TRUE(queue.has_work(""));
    const auto left = queue.claim("");
    EXPECT_EQ(left->number, 1) << "before what is open";
    EXPECT_EQ(left->claims, 2);
    EXPECT_EQ(left->crashes, 0) << "who is killed says nothing against the row";
}

TEST_P(RowQueueTest, TheRowOfAKilledProcessIsFreeWithinASecond)
{
    RowQueue(session(), "one").add({row(1)}, {});
    int claimed[2] = {};
    ASSERT_EQ(::pipe(claimed), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        RowQueue gone(session(), "gone");
        const bool mine = gone.claim("").has_value();
        [[maybe_unused]] const auto told = ::write(claimed[1], mine ? "y" : "n", 1);
        ::pause();
    }
    char byte = 0;
    ASSERT_EQ(::read(claimed[0], &byte, 1), 1);
    EXPECT_EQ(byte, 'y');
    RowQueue queue(session(), "one");
    EXPECT_FALSE(queue.claim("").has_value());
    ::kill(child, SIGKILL);
    const auto began = std::chrono::steady_clock::now();
    while (!queue.claim("") && std::chrono::steady_clock::now() - began < seconds(5)) {
        std::this_thread::sleep_for(milliseconds(20));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(1));
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(claimed[0]);
    ::close(claimed[1]);
}

TEST_P(RowQueueTest, WhoLostARowCannotFinishIt)
{
    RowQueue one(session(), "one");
    one.add({row(1)}, {});
    std::optional<QueuedRow> lost;
    {
        RowQueue gone(session(), "gone");
        lost = gone.claim("");
    }
    one.claim("");
    RowQueue late(session(), "gone");
    lost->outcome = "done";
    EXPECT_THROW(late.finish(*lost), Error);
    EXPECT_THROW(late.give_back(*lost, seconds(0)), Error);
    EXPECT_EQ(one.rows("b1")[0].state, "work");
}

TEST_P(RowQueueTest, ARowThatIsGivenBackComesAgainAfterItsPause)
{
    RowQueue queue(session(), "one");
    queue.add({row(1)}, {});
    queue.give_back(queue.claim("").value(), seconds(3600));
    EXPECT_FALSE(queue.claim("").has_value());
    EXPECT_THAT(queue.counts(""), ElementsAre(Pair("open", 1)));
    queue.add({row(2)}, {});
    queue.give_back(queue.claim("").value(), seconds(0));
    EXPECT_EQ(queue.claim("")->number, 2);
}

TEST_P(RowQueueTest, ThreeCrashesOfItsOwnFailARow)
{
    RowQueue supervisor(session(), "supervisor");
    supervisor.add({row(1)}, {});
    for (int crash = 1; crash <= RowQueue::k_poison; ++crash) {
        {
            RowQueue child(session(), "child");
            ASSERT_TRUE(child.claim("").has_value()) << crash;
            supervisor.crashed("b1", "film-1", "crashed (SIGSEGV)");
            EXPECT_EQ(supervisor.row("b1", "film-1")->crashes, crash - 1) << "it lives";
        }
        supervisor.crashed("b1", "film-1", "crashed (SIGSEGV)");
        EXPECT_EQ(supervisor.row("b1", "film-1")->crashes, crash);
    }
    EXPECT_FALSE(supervisor.claim("").has_value());
    const auto poison = supervisor.row("b1", "film-1");
    EXPECT_EQ(poison->outcome, "crashed");
    EXPECT_EQ(poison->message, "crashed (SIGSEGV), 3 times");
}

TEST_P(RowQueueTest, AddingABatchAgainKeepsWhatIsDone)
{
    RowQueue queue(session(), "one");
    queue.add({row(1), row(2), row(3)}, {});
    for (const char* outcome : {"done", "input", "pending"}) {
        QueuedRow end = queue.claim("").value();
        end.outcome = outcome;
        queue.finish(end);
    }
    queue.add({row(1), row(2), row(3), row(4)}, {"pending"});
    std::vector<std::string> states;
    for (const QueuedRow& each : queue.rows("b1")) {
        states.push_back(each.state);
    }
    EXPECT_THAT(states, ElementsAre("done", "failed", "open", "open"));
    QueuedRow changed = row(1);
    changed.film_key = "another film";
    queue.add({changed}, {});
    EXPECT_EQ(queue.row("b1", "film-1")->state, "open");
}

TEST_P(RowQueueTest, ARowWithAnOutcomeIsNoWork)
{
    RowQueue queue(session(), "one");
    QueuedRow broken = row(1);
    broken.outcome = "usage";
    broken.message = "price: is no number";
    queue.add({broken}, {});
    EXPECT_FALSE(queue.claim("").has_value());
    EXPECT_EQ(queue.row("b1", "film-1")->message, "price: is no number");
}

TEST_P(RowQueueTest, ABatchKeepsItsSettings)
{
    RowQueue queue(session(), "one");
    queue.add(QueuedBatch{"b1", "mugs", {{"presets", {"web/1080p"}}}});
    queue.add(QueuedBatch{"b1", "mugs", {{"presets", {"web/720p"}}}});
    EXPECT_EQ(queue.batch("b1")->settings.at("presets").at(0), "web/720p");
    EXPECT_FALSE(queue.batch("b2").has_value());
    EXPECT_EQ(queue.batches().size(), 1U);
}

TEST_P(RowQueueTest, ManyWorkersDoEveryRowOnce)
{
    constexpr int k_rows = 100;
    std::vector<QueuedRow> rows;
    for (int number = 1; number <= k_rows; ++number) {
        rows.push_back(row(number));
    }
    RowQueue(session(), "one").add(rows, {});
    std::mutex mutex;
    std::multiset<int> done;
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
        workers.emplace_back([&] {
            RowQueue queue(session(), "worker");
            while (auto mine = queue.claim("")) {
                mine->outcome = "done";
                queue.finish(*mine);
                const std::lock_guard lock(mutex);
                done.insert(mine->number);
            }
        });
    }
    workers.clear();
    EXPECT_EQ(done.size(), k_rows);
    EXPECT_EQ(std::set<int>(done.begin(), done.end()).size(), k_rows);
}

TEST_P(RowQueueTest, WhoWaitsHearsOfWork)
{
    RowQueue queue(session(), "one");
    queue.wait(milliseconds(1), {}); // listens from now on
    std::jthread adder([&] {
        std::this_thread::sleep_for(milliseconds(50));
        RowQueue(session(), "other").add({row(1)}, {});
    });
    const auto began = std::chrono::steady_clock::now();
    while (!queue.has_work("") && std::chrono::steady_clock::now() - began < seconds(5)) {
        queue.wait(milliseconds(500), {});
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(2));
    EXPECT_TRUE(queue.claim("").has_value());
}

} // namespace
} // namespace longtake
