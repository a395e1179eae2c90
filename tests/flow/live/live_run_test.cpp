#include "pipeline/flow/live/live_run.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace longtake {
namespace {

using namespace std::chrono_literals;

class LiveRunTest : public ::testing::Test {
protected:
    LiveRunTest()
    {
        observer_.stop = outer_.get_token();
        observer_.listener = [this](const Event&) { ++told_; };
    }

    void ask(const LiveRun& run, Control control)
    {
        control.run = const_cast<LiveRun&>(run).log().run(); // NOLINT: a name
        write_control(dir_.path(), control);
    }

    bool in_log(const std::string& word) const
    {
        return read_text(dir_ / k_events_file).find("\"" + word + "\"") != std::string::npos;
    }

    test::TempDir dir_;
    std::stop_source outer_;
    std::atomic<int> told_ = 0;
    Observer observer_;
};

TEST_F(LiveRunTest, EventsGoToTheLogAndToWhoWatched)
{
    LiveRun run({{"kind", "film"}}, observer_, {}, LiveRun::Looks::when_asked);
    run.open(dir_.path());
    run.observer().tell({Event::Kind::note, "plan", "", 0, 0, "heard"});
    EXPECT_EQ(told_, 1);
    EXPECT_TRUE(in_log("heard"));
}

TEST_F(LiveRunTest, PausedItWaitsUntilItGoesOn)
{
    LiveRun run({{"kind", "film"}}, observer_, {}, LiveRun::Looks::by_themselves);
    run.open(dir_.path());
    run.observer().wait_while_paused(); // returns: it is not
    ask(run, {.paused = true});
    while (!run.paused()) {
        std::this_thread::sleep_for(5ms);
    }
    std::atomic<bool> went_on = false;
    std::jthread worker([&] {
        run.observer().wait_while_paused();
        went_on = true;
    });
    std::this_thread::sleep_for(400ms);
    EXPECT_FALSE(went_on);
    ask(run, {.paused = false});
    worker.join();
    EXPECT_TRUE(went_on);
    EXPECT_TRUE(in_log("paused") && in_log("resumed"));
}

TEST_F(LiveRunTest, CancelledWhilePausedItStops)
{
    LiveRun run({{"kind", "film"}}, observer_, {}, LiveRun::Looks::by_themselves);
    run.open(dir_.path());
    ask(run, {.paused = true});
    std::jthread worker([&] { run.observer().wait_while_paused(); });
    ask(run, {.paused = true, .cancelled = true});
    worker.join();
    while (!run.observer().stopped()) {
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_FALSE(outer_.stop_requested()) << "this run alone";
}

TEST_F(LiveRunTest, WhoStoppedItBeforeStillDoes)
{
    LiveRun run({{"kind", "film"}}, observer_, {}, LiveRun::Looks::when_asked);
    EXPECT_FALSE(run.observer().stopped());
    outer_.request_stop();
    EXPECT_TRUE(run.observer().stopped());
}

TEST_F(LiveRunTest, ARowGoesByItsBatch)
{
    const test::TempDir row;
    LiveRun run({{"kind", "row"}}, observer_, Steering{dir_.path(), "batch"}, LiveRun::Looks::when_asked);
    run.open(row.path());
    write_control(dir_.path(), {"batch", true, false, false});
    run.look();
    EXPECT_TRUE(run.paused());
}

TEST_F(LiveRunTest, ItWaitsForApprovalOfTheControlFile)
{
    LiveRun run({{"kind", "film"}}, observer_, {}, LiveRun::Looks::by_themselves);
    run.open(dir_.path());
    std::jthread later([&] {
        std::this_thread::sleep_for(300ms);
        EXPECT_TRUE(in_log("waiting"));
        ask(run, {.approved = true});
    });
    EXPECT_TRUE(run.approved({{"cost", 2.5}}, nullptr));
    EXPECT_TRUE(in_log("approved"));
}

TEST_F(LiveRunTest, WhoIsAskedMayAnswerFirst)
{
    LiveRun run({{"kind", "film"}}, observer_, {}, LiveRun::Looks::when_asked);
    run.open(dir_.path());
    EXPECT_FALSE(run.approved({{"cost", 2.5}}, [] { return false; }));
    EXPECT_TRUE(in_log("refused"));
}

TEST_F(LiveRunTest, NobodyApprovesOfWhatIsCancelled)
{
    LiveRun run({{"kind", "film"}}, observer_, {}, LiveRun::Looks::when_asked);
    run.open(dir_.path());
    ask(run, {.cancelled = true});
    try {
        run.approved({{"cost", 2.5}}, nullptr);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::interrupted);
    }
}

} // namespace
} // namespace longtake
