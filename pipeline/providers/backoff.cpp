#include "pipeline/providers/backoff.h"

#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"

#include <algorithm>
#include <random>

namespace longtake {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_grace{500};
constexpr int k_longest_backoff = 60;

} // namespace

void pause(milliseconds time, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, time, [] { return false; });
}

void stop_here(const std::stop_token& stop)
{
    if (stop.stop_requested()) {
        throw Error(Errc::interrupted, "stopped");
    }
}

milliseconds jittered(milliseconds time)
{
    thread_local std::minstd_rand random(std::random_device{}());
    return time + milliseconds(std::uniform_int_distribution<long>(
                      0, std::max(1L, static_cast<long>(time.count() / 10)))(random));
}

milliseconds backoff(milliseconds first, int failures)
{
    const int factor = failures > 6 ? k_longest_backoff : std::min(1 << std::max(0, failures - 1), k_longest_backoff);
    return jittered(first * factor);
}

DelayedStop::DelayedStop(const std::stop_token& stop)
    : watch_(start_thread<std::jthread>([this, stop](const std::stop_token& over) {
          std::mutex mutex;
          std::condition_variable_any wake;
          const std::stop_callback asked(stop, [&] {
              const std::lock_guard guard(mutex);
              wake.notify_all();
          });
          std::unique_lock lock(mutex);
          wake.wait(lock, over, [&] { return stop.stop_requested(); });
          if (!over.stop_requested()) {
              wake.wait_for(lock, over, k_grace, [] { return false; });
          }
          if (!over.stop_requested()) {
              late_.request_stop();
          }
      }))
{
}

DelayedStop::~DelayedStop() =
    default; // the jthread is asked to stop and joined before late_ goes: it is declared after it

} // namespace longtake
