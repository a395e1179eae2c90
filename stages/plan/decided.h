#pragma once

#include "pipeline/model/models.h"
#include "pipeline/model/plan.h"
#include "stages/plan/abilities.h"

#include <optional>
#include <string>

namespace longtake::stages {

/// Where a shot's pictures come from.
ShotPlan::Kind kind_of(const Shot& shot);

/// The storyboard with what models and files decide: a resolution's mode, and the seconds of a film to be changed,
/// which a rehearsal shows as it is. Throws Error(usage) for a resolution the model does not make.
Storyboard decided(Storyboard board, const ModelCatalog& catalog, const ProviderFacts& provider, const Inputs& facts);

/// The aspect ratio of a take that begins with no picture: of those on offer the one nearest to the film's.
std::optional<std::string> asked_aspect_ratio(const ModelChoice& choice, const Size& film);

} // namespace longtake::stages
