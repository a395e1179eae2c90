#include "pipeline/app/watch/launcher.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

namespace longtake::app {
namespace {

using Words = std::vector<std::string>;

class LauncherTest : public ::testing::Test {
protected:
    void wait()
    {
        while (launcher_.goes_on()) {
            ::usleep(2000);
        }
    }

    std::string said() const { return read_text(dir_ / "log"); }

    test::TempDir dir_;
    Launcher launcher_{"/bin/sh"};
};

TEST_F(LauncherTest, MoneyIsAlwaysAgreedToAnew)
{
    EXPECT_EQ(words_again({{"run", "a.json", "--yes"}, {}, {}}, false), (Words{"run", "a.json", "--yes", "--approve"}));
    EXPECT_EQ(words_again({{"run", "a.json", "--approve"}, {}, {}}, true), (Words{"run", "a.json", "--approve"}));
    EXPECT_EQ(words_again({{"batch", "a.csv"}, {}, {}}, true),
              (Words{"batch", "a.csv", "--approve", "--retry-failed"}));
}

TEST_F(LauncherTest, ItRunsWhereItWasTypedWordForWord)
{
    launcher_.begin({{"-c", "pwd; echo \"$1|$2\"; cat", "sh", "a b", "$(id)"}, dir_.path(), {}}, false, dir_ / "log");
    EXPECT_TRUE(launcher_.goes_on());
    wait();
    EXPECT_EQ(said(), dir_.path().string() + "\na b|$(id)\n") << "and has no terminal to read from";
    EXPECT_FALSE(launcher_.complaint());
}

TEST_F(LauncherTest, ItHasASessionOfItsOwnAndNothingOfOurs)
{
    launcher_.begin({{"-c", "ps -o sid= -p $$; echo $$; ls /proc/$$/fd | wc -l"}, dir_.path(), {}}, false,
                    dir_ / "log");
    wait();
    std::istringstream words(said());
    int session = 0;
    int process = 0;
    int files = 0;
    words >> session >> process >> files;
    EXPECT_EQ(session, process);
    EXPECT_LE(files, 4);
}

TEST_F(LauncherTest, WhyItEndedBadlyIsToldOnce)
{
    launcher_.begin({{"-c", "echo the reason >&2; exit 2"}, dir_.path(), {}}, false, dir_ / "log");
    wait();
    EXPECT_EQ(launcher_.complaint(), "the reason\n");
    EXPECT_FALSE(launcher_.complaint());
}

TEST_F(LauncherTest, WhatCannotBeBegunIsAFailure)
{
    EXPECT_THROW(launcher_.begin({{"-c", ":"}, dir_ / "gone", {}}, false, dir_ / "log"), Error);
    EXPECT_FALSE(launcher_.goes_on());
}

} // namespace
} // namespace longtake::app
