#pragma once

#include "pipeline/flow/foresight.h"
#include "pipeline/flow/options.h"

namespace longtake {

/// What --resubmit, --adopt and --accept say, by the fingerprints of the takes they act on: any that was sent and has
/// not come home. Throws Error(usage) for a name that would have no effect, saying why.
Decisions decisions_of(const FilmOptions& options, const Foresight& foresight, Ledger& ledger,
                       const Generator& generator);

} // namespace longtake
