#pragma once

#include "pipeline/av/text/lines.h"

#include <filesystem>

namespace longtake::render {

/// Reads a logo at this width in pixels, its height by its shape, at (0, 0).
/// Throws Error(input) for what is no whole PNG, or is larger than 64 megapixels.
av::Raster read_logo(const std::filesystem::path& file, int width);

} // namespace longtake::render
