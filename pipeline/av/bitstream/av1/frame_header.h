#pragma once

#include "pipeline/av/bitstream/av1/sequence_header.h"

#include <string>

namespace longtake::av::av1 {

enum class FrameType { key = 0, inter = 1, intra_only = 2, switching = 3 };

/// The head of a frame header (AV1 specification, 5.9.2), which is read alike in all sequences but of still pictures.
struct FrameHead {
    bool existing = false; ///< show_existing_frame: one that was decoded before is shown; there is nothing else
    FrameType type = FrameType::key;
    bool shown = false; ///< when it is decoded; others later, or never

    /// Everything that was decoded before is forgotten.
    bool entry() const noexcept { return !existing && shown && type == FrameType::key; }
};

/// Throws Error(input) when there is no header.
FrameHead parse_frame_head(View payload, const SequenceHeader& sequence);

/// Why a frame is not shown at the size of its sequence; empty: it is. Frames of sequences without a buffer model
/// alone. Throws Error(input) when the header is damaged.
std::string size_blocker(View payload, const SequenceHeader& sequence);

} // namespace longtake::av::av1
