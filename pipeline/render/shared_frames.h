#pragma once

#include "pipeline/render/composer.h"
#include "pipeline/render/rendition.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <vector>

namespace longtake::render {

/// A timeline's frames from one place on, composed once for several takers who keep about the same pace: a frame is
/// kept until all have taken it. Takers may be of several threads.
class SharedFrames {
public:
    /// `timeline` must outlive it.
    SharedFrames(const Timeline& timeline, std::int64_t first, std::size_t takers);

    /// What taker `index` reads from; this object must outlive it. What composing throws, it throws to every taker.
    FrameSource source(std::size_t index);

    /// Taker `index` wants no more.
    void leave(std::size_t index);

private:
    std::optional<av::Frame> take(std::size_t index);
    void compose_next(std::unique_lock<std::mutex>& lock);
    void drop_taken();

    Composer composer_; ///< used by who has set `composing_`
    std::mutex mutex_;  ///< held for what follows
    std::condition_variable changed_;
    bool composing_ = false;
    std::deque<av::Frame> frames_;
    std::int64_t dropped_ = 0;        ///< frames before those that are kept
    std::vector<std::int64_t> taken_; ///< by taker
    bool over_ = false;
    std::exception_ptr failure_;
};

} // namespace longtake::render
