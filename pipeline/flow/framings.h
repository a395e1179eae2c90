#pragma once

#include "pipeline/flow/options.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/timeline.h"

namespace longtake {

/// Finds which part of footage of another shape a timeline shows, where it is to fill the canvas: faces or what else
/// stands out are followed, as the shot's focus says. Looked for once for each content; what was found is told.
/// Throws Error(input) for a clip that cannot be read.
Timeline framed(Timeline timeline, const Plan& plan, Ledger& ledger, const Observer& observer);

} // namespace longtake
