// `longtake watch` as it is typed, and --approve.
#include "pipeline/app/app.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/live/control_file.h"
#include "pipeline/flow/live/event_log.h"
#include "tests/app/command_line.h"
#include "tests/app/paid_run.h"

#include <httplib.h>

#include <cstdlib>
#include <future>
#include <thread>

namespace longtake {
namespace {

using namespace std::chrono_literals;

/// The command on a thread of its own, until it is stopped.
class Watching {
public:
    explicit Watching(const std::vector<std::string>& words)
    {
        result_ = std::async(std::launch::async, [this, words] {
            std::vector<const char*> argv = {"longtake", "watch"};
            for (const std::string& word : words) {
                argv.push_back(word.c_str());
            }
            app::Environment environment;
            environment.variable = [](const std::string&) { return std::nullopt; };
            environment.stop = stop_.get_token();
            return app::run(static_cast<int>(argv.size()), argv.data(), out_, err_, environment);
        });
    }

    int stop()
    {
        stop_.request_stop();
        return result_.get();
    }

    std::string out() const { return out_.str(); }
    std::string err() const { return err_.str(); }

private:
    std::stop_source stop_;
    std::ostringstream out_;
    std::ostringstream err_;
    std::future<int> result_;
};

TEST(WatchTest, ItSaysItsAddressServesAndEndsWhenItIsStopped)
{
    const test::TempDir dir;
    Watching watching({dir.path().string(), "--port", "0"});
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(watching.stop(), 0) << watching.err();
    EXPECT_TRUE(watching.out().starts_with("http://127.0.0.1:")) << watching.out();
    EXPECT_NE(watching.err().find("steers"), std::string::npos);
}

TEST(WatchTest, OpenedInABrowserItsAddressIsNoArgumentThatEverybodySees)
{
    const test::TempDir dir;
    write_atomic(dir / "xdg-open", "#!/bin/sh\nprintf '%s\\n' \"$1\" >" + (dir / "asked").string() + "\ncp \"$1\" " +
                                       (dir / "page").string() + ".part\nmv " + (dir / "page").string() + ".part " +
                                       (dir / "page").string() + "\n");
    std::filesystem::permissions(dir / "xdg-open", std::filesystem::perms::owner_all);
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", (dir.path().string() + ":" + path).c_str(), 1);
    Watching watching({dir.path().string(), "--open"});
    for (int tries = 0; tries < 1000 && !std::filesystem::exists(dir / "page"); ++tries) {
        std::this_thread::sleep_for(10ms);
    }
    ::setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(watching.stop(), 0);
    std::string address = watching.out();
    address.pop_back();
    EXPECT_NE(read_text(dir / "page").find(address), std::string::npos);
    const std::string asked = read_text(dir / "asked");
    EXPECT_EQ(asked.find("http:"), std::string::npos) << asked;
    EXPECT_FALSE(std::filesystem::exists(asked.substr(0, asked.size() - 1))) << "gone with the page";
}

TEST(WatchTest, WhatIsNotThereIsAUsageError)
{
    Watching watching({"/is/not/there"});
    EXPECT_EQ(watching.stop(), 2);
    EXPECT_NE(watching.err().find("'/is/not/there' is not there"), std::string::npos) << watching.err();
}

TEST(WatchTest, APortThatAnotherProgramHasIsAUsageErrorThatSaysWhatHelps)
{
    const test::TempDir dir;
    httplib::Server other;
    const int port = other.bind_to_any_port("127.0.0.1");
    Watching watching({dir.path().string(), "--port", std::to_string(port)});
    EXPECT_EQ(watching.stop(), 2);
    EXPECT_NE(watching.err().find("--port"), std::string::npos) << watching.err();
}

/// A run against the sandbox that waits for approval.
class ApproveTest : public ::testing::Test {
protected:
    ApproveTest()
    {
        film_.film(2);
        run_ = std::async(std::launch::async, [this] { return film_.run({"--approve", "--yes"}); });
    }

    std::string events() const
    {
        const auto file = film_.workdir() / k_events_file;
        return std::filesystem::exists(file) ? read_text(file) : "";
    }

    bool waits() const
    {
        for (int tries = 0; tries < 3000 && events().find("\"waiting\"") == std::string::npos; ++tries) {
            std::this_thread::sleep_for(10ms);
        }
        return events().find("\"waiting\"") != std::string::npos;
    }

    void answer(Control control) const
    {
        const std::string seen = events();
        control.run = nlohmann::json::parse(seen.substr(0, seen.find('\n'))).at("run");
        write_control(film_.workdir(), control);
    }

    test::PaidRun film_;
    std::future<int> run_;
};

TEST_F(ApproveTest, NothingIsSentUntilItIsApproved)
{
    ASSERT_TRUE(waits());
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(film_.billed(), 0) << "whatever --yes says";
    answer({.approved = true});
    EXPECT_EQ(run_.get(), 0) << film_.said();
    EXPECT_EQ(film_.billed(), 2);
}

TEST_F(ApproveTest, WhatIsNotWantedLeavesNothingBehind)
{
    ASSERT_TRUE(waits());
    answer({.cancelled = true});
    EXPECT_EQ(run_.get(), 130) << film_.said();
    EXPECT_EQ(film_.billed(), 0);
    EXPECT_FALSE(std::filesystem::exists(film_.workdir())) << "a first run that did not begin";
}

/// A run that is paused has nothing new sent.
TEST_F(ApproveTest, PausedNothingNewIsSent)
{
    ASSERT_TRUE(waits());
    answer({.paused = true, .approved = true});
    std::this_thread::sleep_for(1s);
    EXPECT_EQ(film_.billed(), 0);
    answer({.approved = true});
    EXPECT_EQ(run_.get(), 0) << film_.said();
    EXPECT_EQ(film_.billed(), 2);
}

} // namespace
} // namespace longtake
