#pragma once

#include "pipeline/av/filter_graph.h"
#include "pipeline/av/frame.h"
#include "pipeline/av/picture/orientation.h"
#include "pipeline/model/rate.h"

#include <optional>
#include <string>

namespace longtake::av {

/// The size a picture is shown at: pixels made square (the height stays), then turned upright.
Size shown_size(const Frame& frame, Orientation orientation);

/// Brings decoded pictures to 8-bit full-range RGB (plane 0, interleaved), with their own matrix, range and chroma
/// site, upright, square pixels.
class ToRgb {
public:
    /// `shrunk`: every picture at this size, averaged over areas, whatever its own aspect; empty: at its own size.
    explicit ToRgb(Orientation orientation, std::optional<Size> shrunk = std::nullopt);

    Frame apply(const Frame& frame);

private:
    Orientation orientation_;
    std::optional<Size> shrunk_;
    std::optional<FilterGraph> graph_;
    std::string made_for_;
};

} // namespace longtake::av
