#pragma once

#include "pipeline/app/session.h"

namespace longtake::app {

/// Prints a plan: a table for people, `takes` and `cost` with --json.
int show_plan(const Plan& plan, Session& session);

} // namespace longtake::app
