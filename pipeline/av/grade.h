#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/clip.h"

namespace longtake::av {

/// A graded copy of an 8-bit 4:2:0 BT.709 limited frame; the frame itself, shared, if the grade changes nothing.
Frame graded(const Frame& frame, const Grade& grade);

} // namespace longtake::av
