#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace longtake {

/// What a service accepts as a picture (`presets/models/*.json`, "image").
struct ImageRules {
    int min_side = 300;                  ///< pixels
    int max_side = 8192;                 ///< pixels
    double max_aspect = 2.5;             ///< width / height, and its inverse
    std::int64_t max_bytes = 10'000'000; ///< of the file
    std::vector<std::string> formats = {"jpeg", "png"};
};

/// An image conformed to the plan. Its file is content-addressed and never changes.
struct Still {
    std::filesystem::path file;
    std::string sha256;
    Size size;
    std::string format;               ///< "jpeg" or "png"
    std::vector<std::string> actions; ///< what was done, in order; empty: passed through byte for byte
    std::vector<std::string> warnings;
};

void to_json(nlohmann::json& json, const ImageRules& rules);
void to_json(nlohmann::json& json, const Still& still);
void from_json(const nlohmann::json& json, Still& still);

} // namespace longtake
