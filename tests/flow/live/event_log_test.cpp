#include "pipeline/flow/live/event_log.h"

#include "pipeline/base/child.h"
#include "pipeline/base/files.h"
#include "pipeline/base/secrets.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <vector>

namespace longtake {
namespace {

using nlohmann::json;

std::vector<json> lines_of(const std::filesystem::path& folder)
{
    std::istringstream text(read_text(folder / k_events_file));
    std::vector<json> lines;
    for (std::string line; std::getline(text, line);) {
        lines.push_back(json::parse(line));
    }
    return lines;
}

Event progress(std::int64_t done)
{
    return {Event::Kind::progress, "deliver", "preview/360p", done, 100, ""};
}

class EventLogTest : public ::testing::Test {
protected:
    test::TempDir dir_;
};

TEST_F(EventLogTest, WhatWasToldBeforeThereIsAFolderIsNotLost)
{
    EventLog log(json{{"kind", "film"}, {"title", "A film"}});
    log.tell({Event::Kind::note, "plan", "", 0, 0, "said early"});
    log.open(dir_.path());
    log.tell({Event::Kind::finished, "generate", "cup", 0, 0, ""});
    const std::vector<json> lines = lines_of(dir_.path());
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].at("event"), "begin");
    EXPECT_EQ(lines[0].at("schema"), "longtake/events/1");
    EXPECT_EQ(lines[0].at("run"), log.run());
    EXPECT_EQ(lines[0].at("title"), "A film");
    EXPECT_EQ(lines[1].at("text"), "said early");
    EXPECT_EQ(lines[2].at("what"), "cup");
    EXPECT_GE(lines[2].at("at"), lines[0].at("at"));
}

TEST_F(EventLogTest, ProgressIsThinnedButItsEndIsTold)
{
    EventLog log(json{{"kind", "film"}});
    log.open(dir_.path());
    for (int done = 1; done <= 100; ++done) {
        log.tell(progress(done));
    }
    const std::vector<json> lines = lines_of(dir_.path());
    ASSERT_EQ(lines.size(), 3U) << "the first and the last";
    EXPECT_EQ(lines[1].at("done"), 1);
    EXPECT_EQ(lines[2].at("done"), 100);
}

TEST_F(EventLogTest, EachRunHasAFileAndANameOfItsOwn)
{
    EventLog first(json{{"kind", "film"}});
    first.open(dir_.path());
    const int open = ::open((dir_ / k_events_file).c_str(), O_RDONLY);
    EventLog second(json{{"kind", "film"}});
    second.open(dir_.path());
    first.put({{"event", "end"}});
    EXPECT_NE(first.run(), second.run());
    ASSERT_EQ(lines_of(dir_.path()).size(), 1U) << "the first writes where nobody looks any more";
    EXPECT_EQ(lines_of(dir_.path())[0].at("run"), second.run());
    std::string old(1 << 16, ' ');
    old.resize(static_cast<std::size_t>(::pread(open, old.data(), old.size(), 0)));
    EXPECT_NE(old.find("\"end\""), std::string::npos) << "who has the first open reads its last words";
    ::close(open);
}

TEST_F(EventLogTest, ALinkOfItsNameIsNotWrittenThrough)
{
    write_atomic(dir_ / "precious", "kept");
    std::filesystem::create_symlink(dir_ / "precious", dir_ / k_events_file);
    EventLog log(json{{"kind", "film"}});
    log.open(dir_.path());
    EXPECT_EQ(read_text(dir_ / "precious"), "kept");
    EXPECT_FALSE(std::filesystem::is_symlink(dir_ / k_events_file));
}

TEST_F(EventLogTest, SecretsAreTakenOut)
{
    keep_secret("sk-of-the-event-log");
    EventLog log(json{{"kind", "film"}});
    log.open(dir_.path());
    log.tell({Event::Kind::warning, "generate", "cup", 0, 0, "refused sk-of-the-event-log"});
    EXPECT_EQ(read_text(dir_ / k_events_file).find("sk-of-the-event-log"), std::string::npos);
}

TEST_F(EventLogTest, VeryLongRunsLeaveProgressOutFirstAndKeepTheirEnd)
{
    EventLog log(json{{"kind", "film"}});
    log.open(dir_.path());
    const std::string long_text(1 << 20, 'x');
    for (int i = 0; i < 40; ++i) {
        log.tell({Event::Kind::progress, "deliver", std::to_string(i), 1, 2, long_text});
        log.tell({Event::Kind::note, "deliver", "", 0, 0, long_text});
    }
    log.put({{"event", "end"}});
    EXPECT_LE(std::filesystem::file_size(dir_ / k_events_file), 33U << 20);
    const std::vector<json> lines = lines_of(dir_.path());
    EXPECT_EQ(lines.back().at("event"), "end");
    const auto count = [&](const char* kind) {
        return std::ranges::count_if(lines, [&](const json& line) { return line.at("event") == kind; });
    };
    EXPECT_LT(count("progress"), 9);
    EXPECT_GT(count("note"), 20);
}

TEST_F(EventLogTest, ItsProcessIsKnownForAsLongAsItLives)
{
    const int log = ::open("/dev/null", O_WRONLY);
    Child child(
        [&](int messages) {
            EventLog events(json{{"kind", "film"}});
            events.open(dir_.path());
            EXPECT_EQ(::write(messages, "!", 1), 1);
            ::pause();
            return 0;
        },
        log);
    ::close(log);
    std::string heard;
    while (heard.empty() && child.read(heard)) {
        ::usleep(1000);
    }
    const int open = ::open((dir_ / k_events_file).c_str(), O_RDONLY);
    EXPECT_GT(running(open), 0);
    child.signal(SIGKILL);
    child.wait();
    EXPECT_EQ(running(open), 0);
    ::close(open);
}

} // namespace
} // namespace longtake
