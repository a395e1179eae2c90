#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// From and to, both allowed; empty: any.
struct Bounds {
    std::optional<double> least, most;
};

/// What a platform takes, whoever made it ("accepts" of a delivery preset): what its own documentation says, where a
/// preset is one choice of many within it. Empty members are not bounded.
struct Accepts {
    std::vector<std::string> containers;   ///< "mp4", "mov", "webm"
    std::vector<std::string> video_codecs; ///< libavcodec's names
    std::vector<std::string> audio_codecs;
    Bounds seconds, bytes, fps;
    Bounds width, height, short_side, long_side; ///< pixels, as shown
    Bounds aspect;                               ///< width by height
    Bounds bitrate;                              ///< bits/s of the whole file
    Bounds audio_channels, audio_sample_rate;
    bool edit_lists = true; ///< MP4 may have them
    bool index_last = true; ///< MP4 may have its index behind its media
    bool interlaced = true; ///< pictures may be
    bool chroma_beyond_420 = true;
    std::string source;
    std::string checked; ///< YYYY-MM-DD
};

/// What a file is, as far as platforms ask.
struct FileFacts {
    std::string container; ///< as above
    std::string video_codec;
    std::string audio_codec; ///< empty: silent
    double seconds = 0;
    std::int64_t bytes = 0;
    double fps = 0;
    Size size; ///< as shown
    int audio_channels = 0, audio_sample_rate = 0;
    bool edit_lists = false; ///< that move or cut anything
    bool index_last = false;
    bool interlaced = false;
    bool chroma_beyond_420 = false;
};

/// One rule, and whether a file keeps it.
struct Verdict {
    std::string rule;    ///< "seconds"
    std::string found;   ///< "92.4 s"
    std::string allowed; ///< "3 to 90 s"
    bool kept = false;
    std::string over; ///< by how much it is not kept: "2.4 s too long"; may be empty
};

/// A file held against every rule, in a fixed order.
std::vector<Verdict> judge(const Accepts& accepts, const FileFacts& facts);

/// "accepts" of a delivery preset, checked against its schema before.
void from_json(const nlohmann::json& json, Accepts& accepts);

void to_json(nlohmann::json& json, const Verdict& verdict);

} // namespace longtake
