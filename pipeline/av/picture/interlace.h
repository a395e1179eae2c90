#pragma once

#include "pipeline/av/frame.h"

namespace longtake::av {

/// One interlaced frame of two moments, the upper field first: even rows of `first`, odd rows of `second`. Both of one
/// size, with 8 bits a sample, and chroma on every row (4:2:2), where rows of one field stay that field's.
/// `soften`: each row is mixed with its neighbours (1 2 1), without which edges of one row would flicker where the two
/// differ. Throws Error(internal) for pictures of other kinds.
Frame interlaced(const Frame& first, const Frame& second, bool soften);

} // namespace longtake::av
