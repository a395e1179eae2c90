#pragma once

#include "pipeline/flow/stills.h"
#include "pipeline/model/clip.h"
#include "pipeline/model/plan.h"
#include "pipeline/providers/generator.h"
#include "stages/extend/extend.h"

#include <optional>

namespace longtake {

/// One shot's takes as far as they matter for the next, and what is shown of them.
struct Chain {
    Take last;
    Clip clip;
    Grade drifted; ///< from the end of the first take to the end of the last
};

/// Whether a chain goes on to a take: the plan is an upper bound, and a chain stops as soon as the measured footage is
/// long enough. `wanted`: the shot's seconds.
bool needs(const Chain& chain, const PlannedTake& take, double wanted);

/// What the steps "hand-over" and "join" of the next take depend on.
stages::HandoffInput handoff_input(const Chain& chain, const PlannedTake& take, const ShotSettings& settings,
                                   const ImageRules& rules);
stages::JoinInput join_input(const Chain& chain, const Footage& added, const PlannedTake& take,
                             const ShotSettings& settings, const stages::FrameHandoff& from);

/// A hand-over of the ledger, if its still is at home.
std::optional<stages::FrameHandoff> handoff_at_home(stages::FrameHandoff from, const Stills& stills);

/// The chain with one more take, joined on.
void go_on(Chain& chain, const Take& made, stages::Join join);

} // namespace longtake
