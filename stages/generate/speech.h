#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/providers/camera.h"

namespace longtake::stages {

/// The request for a shot's speech on its finished film.
TakeRequest speech_request(const Take& film, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
                           const ShotStills& stills);

/// Lays a shot's speech on its finished film and returns the film that takes its place, as long as the one before.
Take speak(const Take& film, const Plan& plan, const ShotPlan& shot, const PlannedTake& take, const ShotStills& stills,
           Camera& camera, const Progress& progress, std::stop_token stop);

} // namespace longtake::stages
