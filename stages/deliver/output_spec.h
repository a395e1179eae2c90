#pragma once

#include "pipeline/base/files.h"
#include "pipeline/model/preset.h"

#include <filesystem>
#include <vector>

namespace longtake::stages {

/// One output to make.
struct OutputSpec {
    Preset preset;
    std::filesystem::path file; ///< gets its name only when complete and checked
    Existing existing = Existing::replace;
    std::vector<std::filesystem::path> beside{}; ///< what is written with it: captions (.srt, .vtt), a poster (.jpg)
};

} // namespace longtake::stages
