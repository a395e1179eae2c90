#include "pipeline/base/lock_file.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace longtake {
namespace {

TEST(LockFileTest, IsOneHoldersAndGoesWithIt)
{
    const test::TempDir dir;
    const auto file = dir / "locks/one";
    auto held = LockFile::at_once(file);
    EXPECT_TRUE(held);
    EXPECT_FALSE(LockFile::at_once(file));
    held.reset();
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_TRUE(LockFile::at_once(file));
}

TEST(LockFileTest, OfManyWhoTryNoTwoHaveItAtOnce)
{
    const test::TempDir dir;
    std::atomic<int> inside = 0;
    std::atomic<int> held = 0;
    std::atomic<bool> two = false;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int tries = 0; tries < 500; ++tries) {
                if (const auto lock = LockFile::at_once(dir / "one")) {
                    two = two || ++inside > 1;
                    ++held;
                    --inside;
                }
            }
        });
    }
    threads.clear();
    EXPECT_FALSE(two);
    EXPECT_GT(held, 0);
}

} // namespace
} // namespace longtake
