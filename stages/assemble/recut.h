#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/model/shot_edit.h"
#include "stages/assemble/assemble.h"

#include <vector>

namespace longtake::stages {

/// The plan of a film whose shots are there, cut as somebody wants it: its shots in that order, trimmed, with those
/// transitions. Nothing of it is shot again. Throws Error(input) for frames that a shot's footage does not have.
Plan recut(Plan plan, const ShotMedia& material, const std::vector<ShotEdit>& edits);

} // namespace longtake::stages
