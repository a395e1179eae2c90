#pragma once

#include "pipeline/av/text/lines.h"

#include <filesystem>

namespace longtake::render {

/// Reads a logo at this width in pixels, its height by its shape, at (0, 0).
/// Throws Error(input) for what is neither a whole PNG of at most 64 megapixels nor an SVG that av::draw_svg() draws,
/// and for what shows nothing.
av::Raster read_logo(const std::filesystem::path& file, int width);

} // namespace longtake::render
