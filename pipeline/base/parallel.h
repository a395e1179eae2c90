#pragma once

#include "pipeline/base/error.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <future>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace longtake {

/// How many things are worked on at once: `asked`, or one per core when 0.
inline int thread_count(int asked)
{
    return asked > 0 ? asked : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

/// For std::async: on a thread of its own or, where the system gives none, by whoever asks for the result. (The
/// standard leaves the choice open; libstdc++ makes it this way.)
inline constexpr std::launch k_beside = std::launch::async | std::launch::deferred;

/// Starts a thread. Throws Error(internal) that says what helps where the system gives none.
template <class Thread = std::thread, class Work>
Thread start_thread(Work&& work)
{
    try {
        return Thread(std::forward<Work>(work));
    } catch (const std::system_error& error) {
        throw Error(Errc::internal, "start a thread: " + error.code().message() +
                                        "; allow more processes (ulimit -u) or memory, or run fewer programs at once");
    }
}

/// Starts `wanted` threads, fewer where the system gives no more. Throws as start_thread() where it gives none.
template <class Work>
std::vector<std::thread> start_threads(std::size_t wanted, const Work& work)
{
    std::vector<std::thread> threads;
    threads.reserve(wanted);
    try {
        while (threads.size() < wanted) {
            threads.push_back(start_thread(work));
        }
    } catch (const Error&) {
        if (threads.empty()) {
            throw;
        }
    }
    return threads;
}

/// Calls work(0) .. work(count - 1), on up to `size` threads, in order of starting: on as many as the system gives, and
/// be it the caller's alone. `work` must not throw.
template <class Work>
void parallel_for(int size, std::size_t count, Work&& work)
{
    std::atomic<std::size_t> next{0};
    const auto run = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            work(i);
        }
    };
    std::vector<std::jthread> crew;
    try {
        for (std::size_t i = 1; i < std::min<std::size_t>(static_cast<std::size_t>(size), count); ++i) {
            crew.emplace_back(run);
        }
    } catch (const std::system_error&) { // NOLINT: those there are do the work
    }
    run();
}

/// The results of work(0) .. work(count - 1), made the same way. If any throws, all are tried and the first in order is
/// rethrown: which one does not depend on the threads.
template <class Result, class Work>
std::vector<Result> parallel_map(int size, std::size_t count, Work&& work)
{
    std::vector<Result> results(count);
    std::vector<std::exception_ptr> failures(count);
    parallel_for(size, count, [&](std::size_t i) {
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
