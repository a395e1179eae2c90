#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/timeline.h"

#include <opencv2/core/mat.hpp>

#include <cstdint>

namespace longtake::render {

/// The morph into an item. What matches in two frames travels from its place in the old one to its place in the new;
/// what does not dissolves where it stands, and so does everything between unrelated shots.
///
/// Into a held picture the old shot keeps its speed: only the gap between where its motion would have brought it and
/// where the new shot begins is spread over the transition, so that nothing slows down before the join.
///
/// A frame depends on the timeline and its place alone, not on the frames composed before it.
class MorphTransition {
public:
    /// Into item `into` (1 or later), whose transition is a morph. Reads the last two frames of the item before
    /// if the picture is held.
    MorphTransition(const Timeline& timeline, std::size_t into);

    /// Frame `index` (0 .. frames-1) of the transition from the old shot's frame to the new one's; both 8-bit 4:2:0
    /// of the timeline's size.
    av::Frame frame(const av::Frame& from, const av::Frame& to, std::int64_t index) const;

private:
    const TimelineTransition& transition_;
    cv::Mat onward_; ///< how the old shot moves at its end, a frame; empty where that plays no part
};

} // namespace longtake::render
