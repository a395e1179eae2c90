#pragma once

#include "pipeline/model/run_record.h"

#include <filesystem>

namespace longtake::app {

/// A run that was made, and the working directory it was made in.
struct MadeRun {
    std::filesystem::path folder;
    RunRecord record;
};

/// What `where` names: a run.json, the folder it lies in (of a batch's row, too), or a storyboard that was run. Throws
/// Error(usage) where no run was made, Error(input) for a record that cannot be read.
MadeRun made_run(const std::filesystem::path& where);

} // namespace longtake::app
