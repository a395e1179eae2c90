#pragma once

#include "pipeline/av/frame.h"

#include <memory>
#include <optional>
#include <string>

namespace longtake::av {

/// A libavfilter graph with one video input and one output, configured by the first frame pushed.
class FilterGraph {
public:
    /// `description` in ffmpeg's filter language, e.g. "scale=640:360,format=yuv420p".
    explicit FilterGraph(std::string description);
    ~FilterGraph();
    FilterGraph(FilterGraph&&) noexcept;
    FilterGraph& operator=(FilterGraph&&) noexcept;

    /// Filters one frame, with filters that give one for one. Throws Error(internal) naming the description if
    /// libavfilter refuses.
    Frame apply(const Frame& frame);

    /// For filters that look ahead or give more than one: puts a frame in; its `pts` counts in ticks of 1/90000 s.
    void push(const Frame& frame);

    /// No more frames come.
    void finish();

    /// The next frame that is ready, if any. Its `pts` counts in half ticks where the filter works on fields.
    std::optional<Frame> pull();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
