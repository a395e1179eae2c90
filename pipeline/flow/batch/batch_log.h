#pragma once

#include "pipeline/flow/batch/batch.h"

#include <nlohmann/json.hpp>

#include <cstddef>

namespace longtake {

// Lines of a batch's EventLog. `index`: of a row, in the order of the table, from 0.

/// All rows that were asked for, by number and name, and what they cost.
nlohmann::json rows_planned(const BatchResult& result);

nlohmann::json row_begun(std::size_t index);

/// `share`: of its frames, 0 to 1.
nlohmann::json row_under_way(std::size_t index, double share);

/// What it came to, with its files. A row that a run has not come to has no outcome.
nlohmann::json row_ended(std::size_t index, const RowState& row);

} // namespace longtake
