#include "pipeline/base/child.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace longtake {
namespace {

class ChildTest : public testing::Test {
protected:
    void SetUp() override { log_ = ::open(log_file().c_str(), O_WRONLY | O_CREAT, 0600); }
    void TearDown() override { ::close(log_); }

    std::filesystem::path log_file() const { return dir_.path() / "log"; }

    std::string logged() const
    {
        std::ifstream file(log_file());
        return {std::istreambuf_iterator<char>(file), {}};
    }

    static std::string heard(const Child& child)
    {
        std::string text;
        while (child.read(text)) {
            pollfd waiting{child.messages(), POLLIN, 0};
            ::poll(&waiting, 1, 1000);
        }
        return text;
    }

    test::TempDir dir_;
    int log_ = -1;
};

TEST_F(ChildTest, IsHeardAndItsStatusIsKnown)
{
    int parents = 1;
    Child child(
        [&](int messages) {
            parents = 2; // in memory of its own
            return ::write(messages, "hello", 5) == 5 ? 7 : 1;
        },
        log_);
    EXPECT_EQ(heard(child), "hello");
    EXPECT_EQ(child.wait(), 7);
    EXPECT_EQ(parents, 1);
}

TEST_F(ChildTest, WhatItPrintsGoesIntoItsLog)
{
    Child child([](int) { return ::write(STDERR_FILENO, "trouble\n", 8) == 8 ? 0 : 1; }, log_);
    EXPECT_EQ(child.wait(), 0);
    EXPECT_EQ(logged(), "trouble\n");
}

TEST_F(ChildTest, ItsCrashIsItsOwn)
{
    Child child(
        [](int) -> int {
            std::signal(SIGABRT, SIG_DFL);
            std::abort();
        },
        log_);
    EXPECT_EQ(heard(child), "");
    EXPECT_EQ(child.wait(), 128 + SIGABRT);
    Child thrown([](int) -> int { throw 1; }, log_);
    EXPECT_EQ(thrown.wait(), 1);
}

TEST_F(ChildTest, IsEndedWithItsOwner)
{
    Child child(
        [](int) {
            ::pause();
            return 0;
        },
        log_);
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait(), 128 + SIGKILL);
    const Child left(
        [](int) {
            ::pause();
            return 0;
        },
        log_); // its owner's end does not wait for ever
}

} // namespace
} // namespace longtake
