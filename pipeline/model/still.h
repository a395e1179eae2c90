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

/// A part of a picture, in shares of its width and height: origin top-left.
struct PicturePart {
    double x = 0, y = 0, width = 1, height = 1;

    friend bool operator==(const PicturePart&, const PicturePart&) = default;
};

/// An image conformed to the plan. Its file is content-addressed and never changes.
struct Still {
    std::filesystem::path file;
    std::string sha256;
    Size size;
    std::string format;               ///< "jpeg" or "png"
    std::vector<std::string> actions; ///< what was done, in order; empty: passed through byte for byte
    std::vector<std::string> warnings;
    PicturePart source{};      ///< the part of the picture that is seen
    PicturePart place{};       ///< where on the still it stands
    bool blurred_bars = false; ///< what is around it is its own picture, blurred
};

void to_json(nlohmann::json& json, const ImageRules& rules);
void to_json(nlohmann::json& json, const Still& still);
void from_json(const nlohmann::json& json, Still& still);

} // namespace longtake
