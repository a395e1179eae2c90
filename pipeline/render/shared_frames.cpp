#include "pipeline/render/shared_frames.h"

#include <algorithm>
#include <limits>

namespace longtake::render {

SharedFrames::SharedFrames(const Timeline& timeline, std::int64_t first, std::size_t takers)
    : composer_(timeline, first), taken_(takers)
{
}

FrameSource SharedFrames::source(std::size_t index)
{
    return [this, index] { return take(index); };
}

void SharedFrames::leave(std::size_t index)
{
    const std::lock_guard lock(mutex_);
    taken_[index] = std::numeric_limits<std::int64_t>::max();
    drop_taken();
}

std::optional<av::Frame> SharedFrames::take(std::size_t index)
{
    std::unique_lock lock(mutex_);
    const auto there = [&] { return taken_[index] - dropped_ < std::ssize(frames_); };
    while (!over_ && !there()) {
        if (composing_) {
            changed_.wait(lock);
        } else {
            compose_next(lock);
        }
    }
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    if (!there()) {
        return std::nullopt;
    }
    av::Frame frame = frames_[static_cast<std::size_t>(taken_[index] - dropped_)].share();
    ++taken_[index];
    drop_taken();
    return frame;
}

/// Without the lock meanwhile: who finds a frame there need not wait for the next.
void SharedFrames::compose_next(std::unique_lock<std::mutex>& lock)
{
    composing_ = true;
    lock.unlock();
    std::optional<av::Frame> frame;
    std::exception_ptr failure;
    try {
        frame = composer_.next();
    } catch (...) {
        failure = std::current_exception();
    }
    lock.lock();
    composing_ = false;
    failure_ = failure;
    over_ = !frame;
    if (frame) {
        frames_.push_back(std::move(*frame));
    }
    changed_.notify_all();
}

void SharedFrames::drop_taken()
{
    const std::int64_t all_have = *std::min_element(taken_.begin(), taken_.end());
    while (!frames_.empty() && dropped_ < all_have) {
        frames_.pop_front();
        ++dropped_;
    }
}

} // namespace longtake::render
