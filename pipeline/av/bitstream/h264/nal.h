#pragma once

#include "pipeline/av/bitstream/codec.h"

#include <cstdint>
#include <vector>

namespace longtake::av::h264 {

using av::Bytes;
using av::View;

/// NAL unit types of ITU-T H.264, table 7-1, as far as they are told apart here.
enum class NalType : std::uint8_t {
    slice = 1,
    partition_a = 2,
    partition_b = 3,
    partition_c = 4,
    idr_slice = 5,
    sei = 6,
    sps = 7,
    pps = 8,
    delimiter = 9,
    end_of_sequence = 10,
    end_of_stream = 11,
    filler = 12,
};

/// Of a NAL unit that begins with its header byte; `nal` must not be empty.
NalType type_of(View nal) noexcept;

/// The NAL units of a packet, each from its header byte on, without prefix. `length_size`: bytes of the length before
/// each (1, 2 or 4), or 0 for start codes (Annex B). The views point into `packet`.
/// Throws Error(input) when a length runs past the packet's end.
std::vector<View> split(View packet, int length_size);

/// Appends a NAL unit with a 4-byte length, as an `avc1` sample holds it.
void append(Bytes& sample, View nal);

} // namespace longtake::av::h264
