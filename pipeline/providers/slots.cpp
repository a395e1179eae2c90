#include "pipeline/providers/slots.h"

#include <algorithm>

namespace longtake {

void Slots::Slot::leave()
{
    if (slots_ == nullptr) {
        return;
    }
    Slots& slots = *std::exchange(slots_, nullptr);
    const std::lock_guard lock(slots.mutex_);
    --slots.taken_;
    ++slots.left_;
    slots.changed_.notify_all();
}

Slots::Slot Slots::enter(const std::stop_token& stop, const std::function<bool()>& give_up)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return taken_ < limit_ || give_up(); });
    ++taken_;
    return Slot(*this);
}

void Slots::crowded()
{
    const std::lock_guard lock(mutex_);
    limit_ = std::max(1, std::min(limit_, taken_) - 1);
}

void Slots::wait_for_leaving(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    const long before = left_;
    changed_.wait_for(lock, stop, time, [&] { return left_ != before; });
}

void Slots::wake()
{
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

int Slots::limit() const
{
    const std::lock_guard lock(mutex_);
    return limit_;
}

} // namespace longtake
