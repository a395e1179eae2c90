#pragma once

#include "pipeline/flow/batch/batch.h"
#include "pipeline/flow/fleet/worker.h"

namespace longtake {

/// The id of a batch: of the folder of its films on this machine, so that the same command goes on with it.
std::string batch_id(const BatchOptions& options);

/// Queues the films of a table in a ledger, their files in its store, after the same questions as make_batch(); and,
/// where `work`, works at them beside whoever else does until all are at their end. What is finished then is brought
/// into the folder of its films, with results.jsonl and the rest; rows that others are still at have no outcome.
/// Throws as make_batch() and work_at_rows() do.
BatchResult make_fleet_batch(const BatchSource& source, const std::vector<TableRow>& table, const BatchOptions& options,
                             const Account& account, const Observer& observer, WorkerOptions worker, bool work);

} // namespace longtake
