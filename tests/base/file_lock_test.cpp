#include "pipeline/base/files.h"

#include "pipeline/base/child.h"
#include "pipeline/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

namespace longtake {
namespace {

TEST(FileLockTest, ProcessesTakeItInTurn)
{
    const test::TempDir folder;
    const auto file = folder.path() / "deep" / "lock";
    const auto counter = folder.path() / "count";
    write_atomic(counter, "0");
    const int log = ::open("/dev/null", O_WRONLY);
    std::vector<Child> children;
    for (int i = 0; i < 4; ++i) {
        children.emplace_back(
            [&](int) {
                for (int turn = 0; turn < 25; ++turn) {
                    const auto lock = FileLock::in_turn(file);
                    const int count = std::stoi(read_text(counter)); // would lose some without a lock
                    write_atomic(counter, std::to_string(count + 1));
                }
                return 0;
            },
            log);
    }
    for (Child& child : children) {
        EXPECT_EQ(child.wait(), 0);
    }
    ::close(log);
    EXPECT_EQ(read_text(counter), "100");
}

TEST(FileLockTest, WaitingCanBeStopped)
{
    const test::TempDir folder;
    const auto file = folder.path() / "lock";
    const auto held = FileLock::in_turn(file);
    std::stop_source stop;
    stop.request_stop();
    try {
        FileLock::in_turn(file, stop.get_token());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::interrupted);
    }
}

} // namespace
} // namespace longtake
