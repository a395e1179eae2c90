#pragma once

#include "pipeline/av/text/surface.h"

namespace longtake::av {

/// Draws a layout whose origin is at (x, y) in the source that is set. Hold pango_lock().
void draw_layout(cairo_t* cairo, PangoLayout* layout, double x, double y);

} // namespace longtake::av
