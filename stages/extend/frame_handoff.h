#pragma once

#include "pipeline/model/clip.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/still.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>

namespace longtake::stages {

/// What the next take goes on from.
struct FrameHandoff {
    std::optional<Still> still; ///< the last frame as it is sent; none for the service's own extend call
    Grade grade;                ///< from the last frame as shot toward the shot's first take
    double drift = 0;           ///< CIEDE2000 of the last frame as shot from what the first take would have shown
};

/// Looks at the last displayed frame of `last` (which ends with its file) and makes a still of it for a chained take:
/// losslessly, at its own size, graded toward the shot's first take unless colours shall not be matched. `drifted`: how
/// the colours have changed since the end of that take, the joins' `change` put together.
/// Where a PNG breaks the rules it becomes a JPEG of whole chroma; only a frame below `min_side` is enlarged, once.
FrameHandoff hand_off_frame(const Footage& last, const Grade& drifted, const PlannedTake& next,
                            const ShotSettings& settings, const ImageRules& rules, const std::filesystem::path& stills);

/// The drift guard, before a take is asked for: throws Error(provider) with the numbers and the remedy when the
/// picture is farther from the shot's first take than `max_drift` allows.
void check_drift(const FrameHandoff& from, const PlannedTake& next, const ShotSettings& settings);

void to_json(nlohmann::json& json, const FrameHandoff& from);
void from_json(const nlohmann::json& json, FrameHandoff& from);

} // namespace longtake::stages
