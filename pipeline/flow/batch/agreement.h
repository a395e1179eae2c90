#pragma once

#include "pipeline/flow/batch/batch.h"

namespace longtake {

/// Throws Error(budget) where a batch would cost more than its cap, has a price nobody knows under one, or is not
/// agreed to. `rows`: as earlier runs left them; `spent`: USD that those have spent.
void need_agreement(const BatchPlan& plan, const std::vector<RowState>& rows, const BatchOptions& options,
                    double spent);

} // namespace longtake
