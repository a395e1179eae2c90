#pragma once

#include "pipeline/av/frame.h"

#include <filesystem>

namespace longtake::av {

/// Writes the last displayed frame of a clip as an 8-bit RGB PNG, converted with the clip's own matrix and range,
/// at the clip's own size. Returns that size.
Size write_last_frame(const std::filesystem::path& clip, const std::filesystem::path& png);

/// Writes one frame as an 8-bit RGB PNG, converted with its own matrix and range.
void write_png(const Frame& frame, const std::filesystem::path& png);

} // namespace longtake::av
