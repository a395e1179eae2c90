#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace longtake {

/// A run of frames of one media file, counted at the file's own rate.
struct Footage {
    std::filesystem::path file;
    std::string sha256;
    Size size;
    Rate rate;
    std::int64_t first = 0;  ///< first frame used
    std::int64_t frames = 0; ///< measured by decoding, never taken from a header
    bool sound = false;
};

/// One shot's footage, in the order it is shown. Does not know its place in the film.
struct Clip {
    std::string shot;
    std::vector<Footage> footage;

    /// Seconds of footage, each piece at its own rate.
    double seconds() const noexcept;
};

void to_json(nlohmann::json& json, const Footage& footage);
void from_json(const nlohmann::json& json, Footage& footage);
void to_json(nlohmann::json& json, const Clip& clip);
void from_json(const nlohmann::json& json, Clip& clip);

} // namespace longtake
