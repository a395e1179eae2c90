#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/providers/camera.h"

#include <filesystem>

namespace longtake::stages {

/// Goes on from a take: by the service's extend call, or by making its last shown frame the first of a new take
/// (whose repeated frame is then left out). Returns the new footage alone, not the lengthened shot.
/// `stills` is where a handed-over frame is kept, losslessly.
Take extend(const Take& parent, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
            const ShotStills& pictures, Camera& camera, const std::filesystem::path& stills, const Progress& progress,
            std::stop_token stop);

} // namespace longtake::stages
