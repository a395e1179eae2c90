#pragma once

#include "pipeline/av/text/lines.h"
#include "pipeline/av/text/typesetter.h"

#include <cairo.h>

#include <memory>

namespace longtake::av {

using Surface = std::unique_ptr<cairo_surface_t, Released<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, Released<cairo_destroy>>;

/// A transparent surface (CAIRO_FORMAT_ARGB32). Throws Error(internal) if there can be none of this size.
Surface transparent_surface(Size size);

/// What is drawn on such a surface, at (left, top) of a picture.
Raster raster_of(cairo_surface_t* surface, int left, int top);

} // namespace longtake::av
