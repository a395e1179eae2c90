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

/// All that a hand-over depends on. As JSON it is the key of the step, wherever the files lie.
struct HandoffInput {
    Footage last;  ///< the take before as it came; it ends with its file
    Grade drifted; ///< how the colours have changed since the end of the first take, the joins' `change` put together
    PlannedTake::Kind kind = PlannedTake::Kind::chain; ///< of the next take
    MatchColour match = MatchColour::off;
    ImageRules rules;
};

/// Looks at the last displayed frame of `last` and makes a still of it for a chained take:
/// losslessly, at its own size, graded toward the shot's first take unless colours shall not be matched.
/// Where a PNG breaks the rules it becomes a JPEG of whole chroma; only a frame below `min_side` is enlarged, once.
FrameHandoff hand_off_frame(const HandoffInput& input, const std::filesystem::path& stills);

/// The drift guard, before a take is asked for: throws Error(provider) with the numbers and the remedy when the
/// picture is farther from the shot's first take than `max_drift` allows.
void check_drift(const FrameHandoff& from, const PlannedTake& next, const ShotSettings& settings);

void to_json(nlohmann::json& json, const HandoffInput& input);
void to_json(nlohmann::json& json, const FrameHandoff& from);
void from_json(const nlohmann::json& json, FrameHandoff& from);

} // namespace longtake::stages
