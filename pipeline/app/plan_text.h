#pragma once

#include "pipeline/app/session.h"
#include "pipeline/flow/foresight.h"

namespace longtake::app {

/// Prints a plan: a table for people, `takes` and `cost` with --json.
int show_plan(const Plan& plan, const Foresight& foresight, Session& session);

} // namespace longtake::app
