#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace longtake {

/// How soon an account may ask a service again, shared by all that ask: one that is told to wait makes all wait, and
/// then they go one after another, so that they do not meet the same limit together again.
class Pace {
public:
    using Clock = std::chrono::steady_clock;

    /// Nobody asks before this time is over; from then on they keep a distance, which doubles each time.
    void hold(std::chrono::milliseconds time)
    {
        hold_for(time);
        const std::lock_guard lock(mutex_);
        distance_ = std::clamp(distance_ * 2, k_least_distance, k_most_distance);
    }

    /// Nobody asks before this time is over.
    void hold_for(std::chrono::milliseconds time)
    {
        const std::lock_guard lock(mutex_);
        until_ = std::max(until_, Clock::now() + time);
    }

    /// Asking went well: the distance shrinks.
    void went_well()
    {
        const std::lock_guard lock(mutex_);
        distance_ = distance_ <= k_least_distance ? std::chrono::milliseconds(0) : distance_ * 3 / 4;
    }

    /// Until asking is allowed, or a stop request.
    void wait(const std::stop_token& stop)
    {
        std::unique_lock lock(mutex_);
        while (Clock::now() < until_ && !stop.stop_requested()) {
            changed_.wait_until(lock, stop, until_, [] { return false; });
        }
        until_ = std::max(until_, Clock::now() + distance_);
    }

private:
    static constexpr std::chrono::milliseconds k_least_distance{50};
    static constexpr std::chrono::milliseconds k_most_distance{2000};

    std::mutex mutex_;
    std::condition_variable_any changed_;
    Clock::time_point until_{};
    std::chrono::milliseconds distance_{0};
};

} // namespace longtake
