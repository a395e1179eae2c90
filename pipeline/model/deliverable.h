#pragma once

#include "pipeline/model/rate.h"
#include "pipeline/model/span.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// One file of a deliverable.
struct DeliveredFile {
    std::filesystem::path file;
    std::string sha256;
    std::int64_t bytes = 0;
};

/// A film in one size of a stream, as players are told of it.
struct DeliveredRung {
    std::string name; ///< "720p"
    Size size;
    std::string codec;                  ///< RFC 6381: "avc1.64001f"
    std::int64_t bandwidth = 0;         ///< bits/s at the peak (RFC 8216, 4.1), without the sound
    std::int64_t average_bandwidth = 0; ///< bits/s
};

/// What one preset came out as: its files and their checksums, and what decoding them to the end measured.
struct Deliverable {
    std::vector<DeliveredFile> files; ///< the one that players open first, then what it refers to; never empty
    std::string preset;
    std::int64_t frames = 0;
    Size size;
    Rate rate;
    std::string video_codec;
    std::string audio_codec;            ///< empty: silent
    std::optional<double> loudness;     ///< LUFS integrated; empty: silent or too short to measure
    std::optional<double> true_peak;    ///< dBTP
    std::optional<double> out_of_reach; ///< LUFS that were asked for, where the true-peak limit allows less
    double limited_db = 0;              ///< the most the true-peak limiter took off, dB
    std::int64_t copied = 0;            ///< frames that are their clips' own, bit for bit
    std::int64_t reused = 0;            ///< frames that are kept pieces of an earlier delivery
    std::string rendered_because;       ///< why a film that was to be spliced was encoded whole; empty: it was not
    std::vector<Span> spans;            ///< how its frames were made, in order; empty: encoded in one go
    std::vector<DeliveredRung> rungs;   ///< of a stream, from the largest; empty: a file

    /// The file that players open.
    const std::filesystem::path& file() const { return files.front().file; }

    /// Of all its files.
    std::int64_t bytes() const noexcept;
};

void to_json(nlohmann::json& json, const DeliveredFile& file);
void from_json(const nlohmann::json& json, DeliveredFile& file);
void to_json(nlohmann::json& json, const DeliveredRung& rung);
void from_json(const nlohmann::json& json, DeliveredRung& rung);
void to_json(nlohmann::json& json, const Deliverable& deliverable);
void from_json(const nlohmann::json& json, Deliverable& deliverable);

} // namespace longtake
