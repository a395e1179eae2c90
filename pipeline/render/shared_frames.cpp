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
    taken_[index] = std::numeric_limits<std::int64_t>::max();
    drop_taken();
}

std::optional<av::Frame> SharedFrames::take(std::size_t index)
{
    const auto place = static_cast<std::size_t>(taken_[index] - dropped_);
    while (!over_ && frames_.size() <= place) {
        compose_next();
    }
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    if (frames_.size() <= place) {
        return std::nullopt;
    }
    av::Frame frame = frames_[place].share();
    ++taken_[index];
    drop_taken();
    return frame;
}

void SharedFrames::compose_next()
{
    try {
        if (auto frame = composer_.next()) {
            frames_.push_back(std::move(*frame));
            return;
        }
    } catch (...) {
        failure_ = std::current_exception();
    }
    over_ = true;
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
