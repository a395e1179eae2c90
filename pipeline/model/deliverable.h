#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace longtake {

/// A finished file: its checksum, and what decoding it to the end measured.
struct Deliverable {
    std::filesystem::path file;
    std::string preset;
    std::string sha256;
    std::int64_t bytes = 0;
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
    std::string rendered_because;       ///< why a film that was to be spliced was encoded whole; empty: it was not
};

void to_json(nlohmann::json& json, const Deliverable& deliverable);
void from_json(const nlohmann::json& json, Deliverable& deliverable);

} // namespace longtake
