#pragma once

#include "pipeline/av/text/typesetter.h"

#include <cairo.h>

#include <memory>

namespace longtake::av {

using Surface = std::unique_ptr<cairo_surface_t, Released<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, Released<cairo_destroy>>;

/// Draws a layout whose origin is at (x, y) in the source that is set. Hold pango_lock().
void draw_layout(cairo_t* cairo, PangoLayout* layout, double x, double y);

} // namespace longtake::av
