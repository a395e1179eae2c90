#pragma once

#include "pipeline/av/frame.h"

#include <memory>
#include <optional>
#include <string>

namespace longtake::av {

/// A libavfilter graph with one video input and one output, configured by the first frame pushed.
/// Made for filters that give one frame for one frame.
class FilterGraph {
public:
    /// `description` in ffmpeg's filter language, e.g. "scale=640:360,format=yuv420p".
    explicit FilterGraph(std::string description);
    ~FilterGraph();
    FilterGraph(FilterGraph&&) noexcept;
    FilterGraph& operator=(FilterGraph&&) noexcept;

    /// Filters one frame. Throws Error(internal) naming the description if libavfilter refuses.
    Frame apply(const Frame& frame);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
