#pragma once

#include "pipeline/av/frame.h"

#include <filesystem>

namespace longtake::av {

/// Writes a full-range RGB frame as a PNG, exactly.
void write_png(const Frame& rgb, const std::filesystem::path& file);

/// Writes a full-range RGB frame as a JPEG with whole chroma (4:4:4). `scale`: quantiser, 1 (best) to 31.
void write_jpeg(const Frame& rgb, const std::filesystem::path& file, int scale);

} // namespace longtake::av
