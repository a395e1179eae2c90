#pragma once

#include "pipeline/interchange/cut.h"

#include <filesystem>

namespace longtake {

/// The cut of a run as editing programs take it, with the lengths of its files, whose headers are read; a file that is
/// gone has none. `folder` is the run's working directory. Throws Error(usage) if the run came to no film.
interchange::Cut exported_cut(const RunRecord& record, const std::filesystem::path& folder);

} // namespace longtake
