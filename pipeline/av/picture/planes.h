#pragma once

#include "pipeline/av/frame.h"

namespace longtake::av {

/// How the planes of planar YCbCr lie.
struct PlaneLayout {
    int bits = 8;    ///< of a sample: 8 in one byte, up to 16 in two of the machine's order
    int shift_x = 1; ///< chroma planes are narrower by 1 << shift_x
    int shift_y = 1; ///< and lower by 1 << shift_y
    friend bool operator==(const PlaneLayout&, const PlaneLayout&) = default;
};

/// Throws Error(internal) for a frame that is not planar YCbCr.
PlaneLayout plane_layout(const Frame& frame);

/// A frame with the same picture in memory of its own.
Frame writable_copy(const Frame& frame);

} // namespace longtake::av
