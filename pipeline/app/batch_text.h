#pragma once

#include "pipeline/app/session.h"
#include "pipeline/flow/batch/batch.h"

#include <string>

namespace longtake::app {

/// What is asked before a batch is paid for.
std::string batch_question(const BatchPlan& plan, double spent);

/// Prints what a batch would make and cost, and every row that is broken; with --json both. The exit status.
int show_batch_plan(const BatchPlan& plan, Session& session);

/// Prints the films of a batch and what it came to. The exit status: 8 if rows failed and others did not.
int report_batch(const BatchResult& result, Session& session);

} // namespace longtake::app
