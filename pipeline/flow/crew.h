#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace longtake {

/// How many shots are worked on at once: `asked`, or one per core when 0.
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

} // namespace longtake
