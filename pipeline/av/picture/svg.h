#pragma once

#include "pipeline/av/text/lines.h"

#include <string_view>

namespace longtake::av {

/// Draws an SVG (librsvg: SVG 1.1 and what of SVG 2 it knows; neither scripts nor animations) at this width in pixels,
/// its height by its own shape, at (0, 0). Nothing is read but the file itself. Safe from several threads.
/// Throws Error(input) for what check_svg() refuses, more than 5 MB, a file that says no size, and for more than 64
/// megapixels at this width.
Raster draw_svg(std::string_view file, int width);

} // namespace longtake::av
