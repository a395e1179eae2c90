#include "pipeline/sandbox/threads.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <system_error>

namespace longtake::sandbox {

void start_threads(std::vector<std::thread>& threads, int count, const char* purpose, const std::function<void()>& work,
                   const std::function<void()>& stop)
{
    try {
        while (static_cast<int>(threads.size()) < count) {
            threads.emplace_back(work);
        }
    } catch (const std::system_error& error) {
        const std::size_t started = threads.size();
        stop();
        for (std::thread& thread : threads) {
            thread.join();
        }
        threads.clear();
        throw Error(Errc::internal,
                    fmt::format("cannot start thread {} of {} for {}: {}; the system's limit of threads or of memory "
                                "(ulimit -u, ulimit -v) is reached",
                                started + 1, count, purpose, error.code().message()));
    }
}

} // namespace longtake::sandbox
