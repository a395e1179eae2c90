#pragma once

#include "pipeline/app/session.h"
#include "pipeline/flow/foresight.h"
#include "stages/plan/compare.h"

namespace longtake::app {

/// Prints a plan: a table for people, `takes` and `cost` with --json.
int show_plan(const Plan& plan, const Foresight& foresight, Session& session);

/// Prints who would make a storyboard for what, a line each; `offers` and `others` with --json.
int show_comparison(const stages::Comparison& comparison, Session& session);

} // namespace longtake::app
