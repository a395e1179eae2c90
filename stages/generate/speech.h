#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/providers/generator.h"

namespace longtake::stages {

/// The request for a shot's speech on its finished film.
TakeRequest speech_request(const Take& film, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
                           const ShotStills& stills);

/// Lays a shot's speech on its finished film and returns the film that takes its place, as long as the one before.
Take speak(const Take& film, const Plan& plan, const ShotPlan& shot, const PlannedTake& take, const ShotStills& stills,
           Generator& generator, const Progress& progress, std::stop_token stop);

} // namespace longtake::stages
