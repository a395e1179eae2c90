#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/model/still.h"
#include "pipeline/providers/generator.h"

#include <optional>
#include <vector>

namespace longtake::stages {

/// Shoots a shot's opening take.
Take generate(const Plan& plan, const ShotPlan& shot, const ShotStills& stills, Generator& generator,
              const Progress& progress, std::stop_token stop);

} // namespace longtake::stages
