#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <utility>

namespace longtake {

/// How many takes an account may have at work at once. Services do not tell; one that says "too many" teaches.
class ConcurrencyLimit {
public:
    /// A take's place, given back when it ends.
    class Slot {
    public:
        Slot() = default;
        explicit Slot(ConcurrencyLimit& slots) : limit_of_takes_(&slots) {}
        ~Slot() { leave(); }
        Slot(Slot&& other) noexcept : limit_of_takes_(std::exchange(other.limit_of_takes_, nullptr)) {}
        Slot& operator=(Slot&& other) noexcept
        {
            leave();
            limit_of_takes_ = std::exchange(other.limit_of_takes_, nullptr);
            return *this;
        }
        void leave();

    private:
        ConcurrencyLimit* limit_of_takes_ = nullptr;
    };

    explicit ConcurrencyLimit(int limit) : limit_(limit) {}

    /// Waits for a free place, or until `give_up` says so; a place it gives even then, for the caller is about to stop.
    Slot enter(const std::stop_token& stop, const std::function<bool()>& give_up);

    /// The service found one too many: fewer from now on.
    void lower();

    /// Until somebody leaves, at most `time`.
    void wait_for_leaving(std::chrono::milliseconds time, const std::stop_token& stop);

    /// Makes everyone who waits ask `give_up` again.
    void wake();

    int limit() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    int limit_;
    int taken_ = 0;
    long left_ = 0; ///< how many have left so far
};

} // namespace longtake
