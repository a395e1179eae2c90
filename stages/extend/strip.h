#pragma once

#include "pipeline/image/compare.h"
#include "pipeline/model/clip.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace longtake::stages {

/// Consecutive frames, small.
using Strip = std::vector<image::Thumbnail>;

/// Up to `count` frames of a file from frame `first`. Throws Error(input) if the file is damaged.
Strip strip_of(const std::filesystem::path& file, std::int64_t first, std::size_t count, Size size);

/// Up to the last `count` frames of a piece of footage.
Strip tail_of(const Footage& footage, std::size_t count, Size size);

} // namespace longtake::stages
