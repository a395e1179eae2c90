#pragma once

#include "pipeline/app/fleet/fleet_options.h"

namespace longtake::app {

/// Prints how the rows of a ledger stand: of the batch of that name or id, else of all; with --json, too. The exit
/// status: 0. Throws Error(usage) for a ledger or a batch that is not there.
int show_fleet(const std::string& ledger, const std::string& batch, Session& session);

} // namespace longtake::app
