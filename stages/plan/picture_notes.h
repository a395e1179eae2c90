#pragma once

#include "pipeline/model/plan.h"

#include <vector>

namespace longtake::stages {

/// Adds to the plan's notes which pictures are enlarged more than three times on one of these canvases, where they are
/// seen closest: each once, for the canvas it is worst on.
void note_pictures(Plan& plan, const std::vector<Size>& canvases);

} // namespace longtake::stages
