#pragma once

#include "stages/plan/abilities.h"

#include <string>

namespace longtake::stages {

using AlsoCan = bool (*)(const ProviderFacts&, const Model&, const std::string& mode);

/// Who can instead, in words: another model or mode of the same provider ("kling-v1-6 can in mode pro": the same model
/// first, then the same mode, then the cheapest), else another provider ("provider kling can with kling-v1-5"), the
/// vendor first. `also` is a further condition. Empty if there is none.
std::string one_that_can(const ModelChoice& choice, const ModelCatalog& catalog, AlsoCan also = nullptr);

} // namespace longtake::stages
