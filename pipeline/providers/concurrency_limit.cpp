#include "pipeline/providers/concurrency_limit.h"

#include <algorithm>

namespace longtake {

void ConcurrencyLimit::Slot::leave()
{
    if (limit_of_takes_ == nullptr) {
        return;
    }
    ConcurrencyLimit& slots = *std::exchange(limit_of_takes_, nullptr);
    const std::lock_guard lock(slots.mutex_);
    --slots.taken_;
    ++slots.left_;
    slots.changed_.notify_all();
}

ConcurrencyLimit::Slot ConcurrencyLimit::enter(const std::stop_token& stop, const std::function<bool()>& give_up)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return taken_ < limit_ || give_up(); });
    ++taken_;
    return Slot(*this);
}

void ConcurrencyLimit::lower()
{
    const std::lock_guard lock(mutex_);
    limit_ = std::max(1, std::min(limit_, taken_) - 1);
}

void ConcurrencyLimit::wait_for_leaving(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    const long before = left_;
    changed_.wait_for(lock, stop, time, [&] { return left_ != before; });
}

void ConcurrencyLimit::wake()
{
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

int ConcurrencyLimit::limit() const
{
    const std::lock_guard lock(mutex_);
    return limit_;
}

} // namespace longtake
