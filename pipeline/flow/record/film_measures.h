#pragma once

#include "pipeline/flow/events.h"
#include "pipeline/flow/options.h"
#include "pipeline/model/run_record.h"
#include "stages/deliver/output_spec.h"

#include <vector>

namespace longtake {

/// Adds the windows over footage of another shape on one canvas.
void add_framings(RunRecord& record, const Timeline& timeline);

/// Adds to the record of a run what a report shows beyond what making the film has measured: how the joins meet, how
/// loud it is from its beginning to its end, and what platforms say to its files. What the record of an earlier run has
/// of the same timeline and files is not measured again. A join or sound that cannot be measured is left out with a
/// warning; throws Error(interrupted) when stopped.
void measure_film(RunRecord& record, const std::vector<stages::OutputSpec>& outputs, const Workdir& workdir,
                  const Observer& observer);

} // namespace longtake
