#pragma once

#include "pipeline/model/clip.h"

#include <cstdint>
#include <filesystem>

namespace longtake::stages {

/// How the colours of things change from frame `from` of a file to its last: places are followed from frame to frame,
/// so that a camera which moves to other things changes nothing. None where too little can be followed.
Grade change_within(const std::filesystem::path& file, std::int64_t from, Size size);

} // namespace longtake::stages
