#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace longtake {

/// Sleeps unless stopped first.
void pause(std::chrono::milliseconds time, const std::stop_token& stop);

/// Throws Error(interrupted) once a stop is asked for.
void stop_here(const std::stop_token& stop);

/// Up to a tenth longer, so that many waits do not end at once.
std::chrono::milliseconds jittered(std::chrono::milliseconds time);

/// 1, 2, 4 ... 60 times `first` for the 1st, 2nd, 3rd ... failure, jittered.
std::chrono::milliseconds backoff(std::chrono::milliseconds first, int failures);

/// A stop token that fires half a second after another: for what should not be cut off when it is nearly there.
class DelayedStop {
public:
    explicit DelayedStop(const std::stop_token& stop);
    ~DelayedStop();
    DelayedStop(const DelayedStop&) = delete;
    DelayedStop& operator=(const DelayedStop&) = delete;

    std::stop_token token() const { return late_.get_token(); }

private:
    std::stop_source late_;
    std::jthread watch_;
};

} // namespace longtake
