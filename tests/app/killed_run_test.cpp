#include "pipeline/av/probe.h"
#include "pipeline/base/hash.h"
#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

namespace longtake {
namespace {

/// Starts the real program on a storyboard.
pid_t start(const std::filesystem::path& board, const std::filesystem::path& out)
{
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string program = std::string(LONGTAKE_BUILD_DIR) + "/longtake";
        ::execl(program.c_str(), "longtake", "run", board.c_str(), "-o", out.c_str(), "-q", nullptr);
        ::_exit(127);
    }
    return child;
}

int wait_for(pid_t child)
{
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Waits for a file a running program makes; false after half a minute.
bool appears(const std::filesystem::path& file)
{
    for (int i = 0; i < 3000; ++i) {
        if (std::filesystem::exists(file)) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

TEST(KilledRunTest, EndsInTheSameFilm)
{
    test::TempDir dir;
    const auto undisturbed = test::write_board(dir / "undisturbed.json", test::quick_board());
    const auto started = std::chrono::steady_clock::now();
    ASSERT_EQ(wait_for(start(undisturbed, dir / "a")), 0);
    const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - started;

    const auto killed = test::write_board(dir / "killed.json", test::quick_board());
    std::mt19937 random(7);
    std::uniform_real_distribution<double> share(0.02, 0.6);
    int kills = 0;
    for (int i = 0; i < 6; ++i) {
        const pid_t child = start(killed, dir / "b");
        std::this_thread::sleep_for(whole * share(random));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        kills += WIFSIGNALED(status) ? 1 : 0;
    }
    EXPECT_GE(kills, 1) << "no run was alive to be killed";
    ASSERT_EQ(wait_for(start(killed, dir / "b")), 0);
    EXPECT_EQ(av::measure(dir / "b/quick-preview-360p.mp4").frames, 108);
    EXPECT_EQ(sha256_of_file(dir / "a/quick-preview-360p.mp4"), sha256_of_file(dir / "b/quick-preview-360p.mp4"));
}

TEST(KilledRunTest, CtrlCSavesStateAndSaysHowToGoOn)
{
    test::TempDir dir;
    const auto board = test::write_board(dir / "board.json", test::quick_board());
    const pid_t child = start(board, dir / "out");
    ASSERT_TRUE(appears(dir / "board.longtake/ledger.db")) << "the run never got under way";
    ::kill(child, SIGINT);
    EXPECT_EQ(wait_for(child), 130);
    EXPECT_FALSE(std::filesystem::exists(dir / "out/quick-preview-360p.mp4"));
    EXPECT_EQ(wait_for(start(board, dir / "out")), 0);
}

} // namespace
} // namespace longtake
