#pragma once

#include "pipeline/av/media_writer.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace longtake::av {

/// How a piece of a film is encoded on its own, so that pieces can be put together by copying: a file of its own
/// without sound and names, on one thread (several pieces at once use the cores better than one encoder's threads do),
/// with headers that do not depend on the quality.
MediaSpec segment_spec(const MediaSpec& film);

/// The same for a segment of `frames` frames, if most of them mix two pictures, on which what libx265 and SVT-AV1 try
/// finds little: at the presets medium and 8, for whoever asks for a slower one asks for every gain. SVT-AV1 gets a
/// lower CRF, too: encoded apart they came out coarser. libx264 is told by frame (see MediaSpec::blends).
MediaSpec with_short_search(MediaSpec segment, std::int64_t frames);

/// Whether segments must not be encoded beside others of their kind in one process: two encoders of SVT-AV1 1.4.1 at
/// once crashed it in about one run of five that had forty of them. One uses all cores by itself.
bool wants_the_process(const MediaSpec& segment);

/// Why a film of this spec is encoded in one go; empty: it can be made of pieces. Only constant quality means the same
/// in a piece as in the whole.
std::string segment_blocker(const MediaSpec& film);

/// Everything in a segment's spec that shapes its bits, and what encodes it: the versions of libavcodec and of the
/// encoder, seen in what it makes of one picture.
nlohmann::json recipe_of(const MediaSpec& segment);

/// What a segment's file holds, without decoding it.
struct SegmentPackets {
    int reorder = 0;                 ///< frames by which decoding leads showing at the most
    std::vector<std::int64_t> bytes; ///< of each frame, in decode order
};

/// Throws Error(input) if the file does not hold `frames` frames at that rate.
SegmentPackets packets_of(const std::filesystem::path& file, std::int64_t frames, Rate rate);

} // namespace longtake::av
