#pragma once

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/model/timeline.h"

#include <cstdint>

namespace longtake::render {

/// Shows the part of a clip that a window is over, enlarged to the film's size, to a thirty-second of a pixel: a slow
/// window does not move in steps.
class WindowView {
public:
    /// `framed` must outlive it.
    WindowView(const FramedWindow& framed, Size to);

    /// What the clip is to be brought to first: whole, and where the film shows the window smaller than the clip does,
    /// as much smaller.
    av::Conform conform(av::Conform to) const;

    /// `picture`: of that size, 8-bit 4:2:0. `frame`: as the window's path counts them.
    av::Frame show(const av::Frame& picture, std::int64_t frame) const;

private:
    const FramedWindow& framed_;
    Size to_;
    Size conformed_;
};

} // namespace longtake::render
