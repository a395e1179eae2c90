#pragma once

#include "pipeline/av/frame.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace longtake::stages {

/// Hands frames from the composer to one encoder's thread; bounded, so that memory is.
class FrameQueue {
public:
    explicit FrameQueue(std::size_t capacity) : capacity_(capacity) {}

    /// Waits for room. False once the taker has given up: there is no use in more.
    bool put(av::Frame frame)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return frames_.size() < capacity_ || abandoned_; });
        if (abandoned_) {
            return false;
        }
        frames_.push_back(std::move(frame));
        changed_.notify_all();
        return true;
    }

    /// No more frames will be put.
    void close()
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }

    /// Waits for a frame; nullopt when closed and empty.
    std::optional<av::Frame> take()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !frames_.empty() || closed_; });
        if (frames_.empty()) {
            return std::nullopt;
        }
        av::Frame frame = std::move(frames_.front());
        frames_.pop_front();
        changed_.notify_all();
        return frame;
    }

    /// The taker has failed and takes no more.
    void abandon()
    {
        const std::lock_guard lock(mutex_);
        abandoned_ = true;
        frames_.clear();
        changed_.notify_all();
    }

private:
    std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<av::Frame> frames_;
    bool closed_ = false;
    bool abandoned_ = false;
};

} // namespace longtake::stages
