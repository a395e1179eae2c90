#pragma once

#include "pipeline/base/files.h"
#include "pipeline/model/preset.h"

#include <filesystem>

namespace longtake::stages {

/// One output to make.
struct OutputSpec {
    Preset preset;
    std::filesystem::path file; ///< gets its name only when complete and checked
    Existing existing = Existing::replace;
};

} // namespace longtake::stages
