#include "pipeline/base/parallel.h"

#include "tests/support/no_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <string>
#include <vector>

namespace longtake {
namespace {

TEST(ParallelTest, EachThingIsWorkedOnOnce)
{
    std::vector<std::atomic<int>> done(100);
    parallel_for(4, done.size(), [&](std::size_t i) { ++done[i]; });
    for (const std::atomic<int>& times : done) {
        EXPECT_EQ(times, 1);
    }
}

TEST(ParallelTest, WithoutThreadsTheCallerDoesTheWork)
{
    const test::NoThreads none;
    const auto results = parallel_map<int>(4, 100, [](std::size_t i) { return static_cast<int>(i); });
    EXPECT_EQ(std::accumulate(results.begin(), results.end(), 0), 4950);
    EXPECT_EQ(std::async(k_beside, [] { return 5; }).get(), 5);
}

TEST(ParallelTest, AThreadThatCannotBeStartedIsAnErrorWithARemedy)
{
    const test::NoThreads none;
    try {
        start_threads(3, [] {});
        FAIL() << "started";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("start a thread: Resource temporarily unavailable; allow more"),
                  std::string::npos)
            << error.what();
    }
}

} // namespace
} // namespace longtake
