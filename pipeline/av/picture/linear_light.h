#pragma once

#include "pipeline/av/ffmpeg.h"

#include <string>

namespace longtake::av {

constexpr double k_reference_white = 203; ///< cd/m2 of HDR reference white (ITU-R BT.2408, 2.2)

bool is_hdr(AVColorTransferCharacteristic transfer) noexcept;

/// The primaries pictures are in; untagged ones are BT.709's, or BT.2020's where matrix or transfer belong to it.
AVColorPrimaries primaries_of(AVColorPrimaries tagged, AVColorTransferCharacteristic transfer,
                              AVColorSpace matrix) noexcept;

/// Filters that bring pictures of this kind to linear RGB in floats with other primaries (zscale's name), where 1.0 is
/// reference white.
std::string linear_light(const AVFrame* frame, const std::string& primaries_out);

} // namespace longtake::av
