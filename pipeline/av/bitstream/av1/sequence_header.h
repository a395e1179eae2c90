#pragma once

#include "pipeline/av/bitstream/codec.h"
#include "pipeline/av/bitstream/colour.h"
#include "pipeline/model/rate.h"

#include <cstddef>

namespace longtake::av::av1 {

/// A tool whose use is said once for the sequence, or in every frame (SELECT_SCREEN_CONTENT_TOOLS, SELECT_INTEGER_MV).
constexpr int k_said_by_frame = 2;

/// What a sequence header says (AV1 specification, 5.5), as far as joining streams needs it.
struct SequenceHeader {
    int profile = 0;           ///< seq_profile: 0 Main
    bool still = false;        ///< still_picture
    bool reduced = false;      ///< reduced_still_picture_header: frame headers are shorter, too
    int level = 0;             ///< seq_level_idx[0]: 8 is level 4.0, 31 none
    int tier = 0;              ///< seq_tier[0]
    bool layers = false;       ///< several operating points, or one of some layers
    bool buffer_model = false; ///< decoder_model_info
    int width_bits = 0;
    int height_bits = 0;
    Size size;             ///< of the largest frames
    int frame_id_bits = 0; ///< 0: frames have no ids
    int delta_frame_id_bits = 0;
    int screen_content_tools = k_said_by_frame;
    int integer_mv = k_said_by_frame;
    bool order_hints = false;
    int order_hint_bits = 0;
    bool superres = false;
    bool monochrome = false;
    bool subsampled_x = true;
    bool subsampled_y = true;
    int bit_depth = 8;
    Colour colour;
    int chroma_position = 0; ///< chroma_sample_position: 0 unknown, 1 left, 2 top left
    bool film_grain = false; ///< decoders put grain on its pictures

    // In bits of the payload.
    std::size_t level_begin = 0; ///< seq_level_idx[0] and seq_tier[0]
    std::size_t level_end = 0;
    std::size_t colour_begin = 0; ///< from color_description_present_flag to chroma_sample_position
    std::size_t colour_end = 0;
    std::size_t end = 0; ///< of its last syntax element
};

/// Reads an OBU's payload. Throws Error(input) when it is damaged.
SequenceHeader parse_sequence_header(View payload);

/// What all sequence headers of one stream say alike, so that one av1C is true of all.
struct CommonWords {
    int level = 0;
    int tier = 0;
    int chroma_position = 0;

    friend bool operator==(const CommonWords&, const CommonWords&) = default;
};

/// The same header saying these, and BT.709 outright. Nothing of it has a bearing on what decoders make of frames. For
/// pictures of the main profile of one layer that are not monochrome; throws Error(input) for others.
Bytes with_common_words(View payload, const CommonWords& words);

} // namespace longtake::av::av1
