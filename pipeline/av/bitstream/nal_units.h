#pragma once

#include "pipeline/av/bitstream/codec.h"

#include <vector>

namespace longtake::av {

/// The NAL units of a packet of H.264 or HEVC, each from its header on, without prefix. `length_size`: bytes of the
/// length before each (1, 2 or 4), or 0 for start codes (Annex B of either). The views point into `packet`.
/// Throws Error(input) when a length runs past the packet's end.
std::vector<View> split(View packet, int length_size);

/// Appends a NAL unit with a 4-byte length, as an `avc1` or `hvc1` sample holds it.
void append(Bytes& sample, View nal);

} // namespace longtake::av
