#pragma once

#include "pipeline/av/bitstream/nal_units.h"

#include <cstdint>

namespace longtake::av::h264 {

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
inline NalType type_of(View nal) noexcept
{
    return static_cast<NalType>(nal.front() & 0x1fU);
}

} // namespace longtake::av::h264
