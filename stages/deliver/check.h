#pragma once

#include "pipeline/model/deliverable.h"
#include "pipeline/model/preset.h"

#include <filesystem>
#include <optional>
#include <stop_token>

namespace longtake::stages {

/// What a finished file has to be.
struct Expectation {
    std::int64_t frames = 0;
    Size size;
    Rate rate;
    std::string container; ///< as in the preset; of GIF and WebP the colours are not held to BT.709
    DynamicRange dynamic_range = DynamicRange::sdr;
    std::string video_codec;            ///< libavcodec's name of the format: "h264", "av1", "prores"
    std::optional<Preset::Audio> audio; ///< empty: the file is silent
    std::optional<double> loudness;     ///< LUFS it was set to; empty: not held to any
    bool levels = true;                 ///< held to the preset's true peak; false: as loud as the clips are
    std::optional<std::int64_t> max_bytes;
    bool proven = false; ///< every frame of the picture was held against its source already: only the rest is looked at
};

/// Decodes a file to its end and holds it against the expectation: frames, constant rate, size, codec, colour tags,
/// loudness within its tolerance, true peak and short-term loudness under their ceilings, bytes. Throws
/// Error(unverified) with everything that is off.
Deliverable check_file(const std::filesystem::path& file, const Expectation& expected, std::stop_token stop);

/// The same of a file of sound alone: its levels, bytes and checksum.
Deliverable check_sound_track(const std::filesystem::path& file, const Expectation& expected, std::stop_token stop);

} // namespace longtake::stages
