#pragma once

#include "pipeline/av/bitstream/codec.h"

#include <cstdint>
#include <vector>

namespace longtake::av::av1 {

/// Types of OBUs (AV1 Bitstream & Decoding Process Specification, 6.2.2).
enum class ObuType : std::uint8_t {
    sequence_header = 1,
    temporal_delimiter = 2,
    frame_header = 3,
    tile_group = 4,
    metadata = 5,
    frame = 6, ///< a frame header and a tile group
    redundant_frame_header = 7,
    tile_list = 8,
    padding = 15,
};

/// An open bitstream unit, as it stands in a packet.
struct Obu {
    ObuType type{};
    bool layered = false; ///< it says which layer it is of
    View whole;
    View payload; ///< without header and size, with its trailing bits
};

/// The OBUs of a temporal unit in the low-overhead format (5.2), in which files hold it; the last need not say its
/// size. Throws Error(input) where one reaches beyond the end.
std::vector<Obu> split_obus(View unit);

/// What has no place in a file's samples (AV1 Codec ISO Media File Format Binding, 2.4): delimiters, padding, and frame
/// headers that are there a second time.
bool is_left_out(ObuType type) noexcept;

/// Appends an OBU of one layer with its size.
void append_obu(Bytes& unit, ObuType type, View payload);

} // namespace longtake::av::av1
