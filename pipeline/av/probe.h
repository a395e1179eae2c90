#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

namespace longtake::av {

/// What a media file's headers claim.
struct MediaInfo {
    struct Video {
        std::string codec;   ///< "h264"
        std::string profile; ///< "High"
        Size size;           ///< coded, before rotation
        int rotation = 0;    ///< clockwise degrees, after mirroring
        bool mirrored = false;
        std::string pixel_format;
        std::string sample_aspect_ratio = "1:1";
        Rate rate;
        std::string range, primaries, transfer, matrix; ///< libav's words: "tv", "bt709", ...; "unknown" if untagged
        std::int64_t frames_claimed = 0;                ///< 0: the header does not say
        std::int64_t bitrate = 0;
    };
    struct Audio {
        std::string codec;
        std::string profile;
        int sample_rate = 0;
        int channels = 0;
        std::int64_t bitrate = 0;
    };
    std::string container;
    double seconds_claimed = 0;
    std::int64_t bytes = 0;
    std::optional<Video> video;
    std::optional<Audio> audio;
};

/// What decoding a file to its end showed.
struct Measured {
    std::int64_t frames = 0;
    double seconds = 0;              ///< of picture
    bool constant_rate = true;       ///< every step between frames equals the nominal one (within 1 tick of the file)
    std::int64_t samples = 0;        ///< a channel, at 48 kHz
    std::optional<double> loudness;  ///< LUFS
    std::optional<double> true_peak; ///< dBTP
};

/// Reads the headers, and decodes the first frames for what they do not tell. Throws Error(input) "file: reason".
MediaInfo probe(const std::filesystem::path& file);

/// The same of a file that came from a service: MP4, MOV, Matroska or WebM, or Error(input) says what it is.
MediaInfo probe_take(const std::filesystem::path& file);

/// The same from the container's header alone where it says enough (MP4): no pixel format, in a fiftieth of the time.
MediaInfo probe_header(const std::filesystem::path& file);

/// Decodes everything. Throws Error(input) at the first damage; Error(interrupted) when stopped.
Measured measure(const std::filesystem::path& file, std::stop_token stop = {});

/// Decodes the sound alone; `meter`: whether its loudness is wanted, which takes most of the time.
Measured measure_sound(const std::filesystem::path& file, bool meter, std::stop_token stop = {});

/// LUFS, the highest short-term loudness of a file's sound (EBU Tech 3341: 3 s, looked at every 100 ms). Decodes the
/// sound alone. Empty: it has none, or less than 3 s of it.
std::optional<double> loudest_short_term(const std::filesystem::path& file);

void to_json(nlohmann::json& json, const MediaInfo& info);
void to_json(nlohmann::json& json, const Measured& measured);

} // namespace longtake::av
