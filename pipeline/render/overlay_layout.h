#pragma once

#include "pipeline/av/text/lines.h"
#include "pipeline/model/brand/overlay.h"
#include "pipeline/model/canvas.h"
#include "pipeline/render/blend.h"
#include "pipeline/render/overlay_motion.h"

#include <optional>
#include <string>
#include <vector>

namespace longtake::render {

/// A part of an overlay as it stands: drawn once, moved as it is.
struct Sprite {
    Part part;
    av::Raster raster;
    av::Box ink{};             ///< of what is drawn but for its shadow, pixels of the canvas
    std::vector<double> stops; ///< where its letters end, pixels of the canvas
};

/// An overlay as it stands on a canvas.
struct OverlayLayout {
    std::vector<Sprite> sprites;
    std::optional<Scrim> scrim{};
    std::vector<std::string> notes{}; ///< letters no font has, sizes and contrasts that are hard to read
};

/// Sets an overlay for a canvas and draws its parts. Text stays inside the safe box: it is broken into even lines and
/// shrunk until it fits; a title of one word grows. Captions are laid out by lay_out_caption(). Colours are the style's
/// where they can be read (WCAG 2.1, 1.4.3). Throws Error(input) for text that cannot be made to fit, and for a logo
/// that cannot be read.
OverlayLayout lay_out(const Overlay& overlay, const Canvas& canvas);

} // namespace longtake::render
