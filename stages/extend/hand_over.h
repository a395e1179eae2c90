#pragma once

#include "pipeline/model/clip.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/still.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>

namespace longtake::stages {

/// What the next take goes on from.
struct HandOver {
    std::optional<Still> still; ///< the last frame as it is sent; none for the service's own extend call
    Grade grade;                ///< from the last frame as shot toward the shot's first take
    double drift = 0;           ///< CIEDE2000 of the last frame as shot from the nearest frame of the first take
};

/// Looks at the last displayed frame of `last` (which ends with its file) and makes a still of it for a chained take:
/// losslessly, at its own size, graded toward the nearest frame of `opening` unless colours shall not be matched.
/// Where a PNG breaks the rules it becomes a JPEG of whole chroma; only a frame below `min_side` is enlarged, once.
HandOver hand_over(const Footage& opening, const Footage& last, const PlannedTake& next, const ShotSettings& settings,
                   const ImageRules& rules, const std::filesystem::path& stills);

/// The drift guard, before a take is asked for: throws Error(provider) with the numbers and the remedy when the
/// picture is farther from the shot's first take than `max_drift` allows.
void check_drift(const HandOver& from, const PlannedTake& next, const ShotSettings& settings);

void to_json(nlohmann::json& json, const HandOver& from);
void from_json(const nlohmann::json& json, HandOver& from);

} // namespace longtake::stages
