#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace longtake {

/// A colour correction: Y' above black (16) and Cb, Cr about their middle (128), each times its gain, plus its offset.
/// In code values of 8-bit limited-range BT.709.
struct Grade {
    std::array<double, 3> gain{1, 1, 1};
    std::array<double, 3> offset{};

    friend bool operator==(const Grade&, const Grade&) = default;
};

/// A grade reached at a frame.
struct GradeKey {
    std::int64_t frame = 0;
    Grade grade;
};

/// The grades of a run of frames, by ascending frame: straight lines between the keys, level before the first and after
/// the last. Empty: as shot.
using GradeCurve = std::vector<GradeKey>;

/// The grade of one frame; `curve` must not be empty.
Grade grade_at(const GradeCurve& curve, std::int64_t frame);

/// A run of frames of one media file, counted at the file's own rate.
struct Footage {
    std::filesystem::path file;
    std::string sha256;
    Size size;
    Rate rate;
    std::int64_t first = 0;  ///< first frame used
    std::int64_t frames = 0; ///< measured by decoding, never taken from a header
    bool sound = false;
    GradeCurve grade{}; ///< counted as `first` is

    /// The frame after the last used.
    std::int64_t end() const noexcept { return first + frames; }
};

/// One shot's footage, in the order it is shown. Does not know its place in the film.
struct Clip {
    std::string shot;
    std::vector<Footage> footage;

    /// Seconds of footage, each piece at its own rate.
    double seconds() const noexcept;
};

void to_json(nlohmann::json& json, const GradeKey& key);
void from_json(const nlohmann::json& json, GradeKey& key);
void to_json(nlohmann::json& json, const Footage& footage);
void from_json(const nlohmann::json& json, Footage& footage);
void to_json(nlohmann::json& json, const Clip& clip);
void from_json(const nlohmann::json& json, Clip& clip);

} // namespace longtake
