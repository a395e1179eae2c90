#include "pipeline/ledger/spending.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace longtake {
namespace {

class SpendingTest : public ::testing::Test {
protected:
    test::TempDir dir_;
    std::filesystem::path file_ = dir_ / "state/spending.db";
};

TEST_F(SpendingTest, CountsByAccountAndSurvivesReopening)
{
    {
        Spending spending(file_);
        EXPECT_TRUE(spending.reserve("a", "kling", 0.28, std::nullopt));
        EXPECT_TRUE(spending.reserve("b", "wavespeed", 1.3, std::nullopt));
    }
    Spending spending(file_);
    EXPECT_DOUBLE_EQ(spending.today("kling"), 0.28);
    spending.settle("a", 0.14);
    EXPECT_DOUBLE_EQ(spending.today("kling"), 0.14);
    spending.release("a");
    EXPECT_DOUBLE_EQ(spending.today("kling"), 0);
    EXPECT_DOUBLE_EQ(spending.today("wavespeed"), 1.3);
}

TEST_F(SpendingTest, ACapIsReachedExactlyAndNeverPassed)
{
    Spending spending(file_);
    EXPECT_TRUE(spending.reserve("a", "kling", 0.28, 0.56));
    EXPECT_TRUE(spending.reserve("b", "kling", 0.28, 0.56));
    EXPECT_FALSE(spending.reserve("c", "kling", 0.01, 0.56));
    EXPECT_TRUE(spending.reserve("b", "kling", 0.28, 0.56)) << "the same submit does not count twice";
}

TEST_F(SpendingTest, ProcessesAtOnceNeverPassOneCap)
{
    {
        const Spending create(file_);
    }
    std::vector<pid_t> children;
    for (int child = 0; child < 4; ++child) {
        if (const pid_t pid = ::fork(); pid != 0) {
            children.push_back(pid);
            continue;
        }
        int reserved = 0;
        Spending spending(file_);
        for (int i = 0; i < 10; ++i) {
            reserved += spending.reserve(std::to_string(child) + "-" + std::to_string(i), "kling", 0.5, 7.5) ? 1 : 0;
        }
        ::_exit(reserved);
    }
    int reserved = 0;
    for (const pid_t pid : children) {
        int status = 0;
        ::waitpid(pid, &status, 0);
        reserved += WEXITSTATUS(status);
    }
    EXPECT_EQ(reserved, 15);
    EXPECT_DOUBLE_EQ(Spending(file_).today("kling"), 7.5);
}

} // namespace
} // namespace longtake
