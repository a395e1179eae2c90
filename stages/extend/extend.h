#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/providers/generator.h"
#include "stages/extend/frame_handoff.h"
#include "stages/extend/join.h"

namespace longtake::stages {

/// The request for the take that goes on from `parent`.
TakeRequest extension_request(const Take& parent, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
                              const ShotStills& pictures, const FrameHandoff& from);

/// Asks for the take that goes on from `parent`: by the service's extend call, or from the still handed over.
/// Returns it as it came; `join` finds what in it is new.
Take extend(const Take& parent, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
            const ShotStills& pictures, const FrameHandoff& from, Generator& generator, const Progress& progress,
            std::stop_token stop);

} // namespace longtake::stages
