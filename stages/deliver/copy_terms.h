#pragma once

#include "pipeline/av/splice/clip_index.h"
#include "pipeline/model/preset.h"
#include "stages/deliver/rate_limit.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace longtake::stages {

/// Whether footage is copied into what a preset makes: H.264 by libx264 and HEVC by libx265, which can be told to stand
/// beside copies, and AV1 by SVT-AV1, which need not be told.
bool copies_footage(const Preset& preset);

/// What is asked of footage, beyond its size and rate, before it is copied.
struct CopyTerms {
    std::string codec = "h264"; ///< libavcodec's name, as that of the clip has to be
    std::string pixel_format = "yuv420p";
    std::optional<std::int64_t> longest_gop{}; ///< frames
    std::optional<RateLimit> limit{};          ///< each copied run keeps, from a bucket as full as at a film's start
    std::optional<int> profile{};              ///< the codec's number of it, or a lower one
};

/// A preset's, for an output at this rate.
CopyTerms copy_terms(const Preset& preset, Rate rate);

/// Which of the terms a clip breaks wherever it is cut, the rate limit aside; empty: none.
std::string breach(const CopyTerms& terms, const av::ClipIndex& clip);

/// How many parameter sets can be copied beside the encoder's own.
std::size_t most_groups(const CopyTerms& terms);

/// What decoding can begin at, for explanations: "IDR picture".
std::string entry_text(const CopyTerms& terms);

/// "1 frame", "2 frames".
std::string frames_text(std::int64_t count);

} // namespace longtake::stages
