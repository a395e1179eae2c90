#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace longtake {

/// How many things are worked on at once: `asked`, or one per core when 0.
inline int crew_size(int asked)
{
    return asked > 0 ? asked : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

/// Calls work(0) .. work(count - 1), on up to `size` threads, in order of starting. `work` must not throw.
template <class Work>
void with_crew(int size, std::size_t count, Work&& work)
{
    std::atomic<std::size_t> next{0};
    const auto run = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            work(i);
        }
    };
    std::vector<std::jthread> crew;
    for (std::size_t i = 1; i < std::min<std::size_t>(static_cast<std::size_t>(size), count); ++i) {
        crew.emplace_back(run);
    }
    run();
}

/// The results of work(0) .. work(count - 1), made the same way. If any throws, all are tried and the first in order is
/// rethrown: which one does not depend on the threads.
template <class Result, class Work>
std::vector<Result> results_of_crew(int size, std::size_t count, Work&& work)
{
    std::vector<Result> results(count);
    std::vector<std::exception_ptr> failures(count);
    with_crew(size, count, [&](std::size_t i) {
        try {
            results[i] = work(i);
        } catch (...) {
            failures[i] = std::current_exception();
        }
    });
    for (const std::exception_ptr& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
    return results;
}

} // namespace longtake
