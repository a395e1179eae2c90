#pragma once

#include "pipeline/model/models.h"
#include "pipeline/model/plan.h"

namespace longtake::stages {

/// Turns a storyboard into every take that would be paid for, with sizes, rates, frames and cost.
/// Pure: no files, no network, no clock. `facts` must hold every picture and clip the storyboard names.
/// Throws Error(usage): a model that cannot do what a shot asks (naming one that can), a transition longer than its
/// shot, a clip shorter than its in/out, ...
Plan plan(const Storyboard& board, const ModelCatalog& catalog, const Inputs& facts);

} // namespace longtake::stages
