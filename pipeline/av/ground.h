#pragma once

#include "pipeline/av/frame.h"

#include <string>

namespace longtake::av {

/// Whether a picture's format has an alpha channel.
bool is_transparent(const Frame& frame);

/// A picture with straight alpha over one colour, "#rrggbb" (empty or no colour: black): 8-bit 4:4:4, BT.709 limited.
Frame on_ground(const Frame& frame, const std::string& colour);

} // namespace longtake::av
