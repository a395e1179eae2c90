#pragma once

#include "pipeline/render/overlay_layout.h"

namespace longtake::render {

/// Sets a caption: one or two even lines of at most 42 letters' width, centred on a dark plate at the overlay's place
/// in the safe box, a little smaller where that saves a line. The word that is spoken has a plate of its own in the
/// style's accent. Notes what needs more than two lines. Throws Error(input) for a caption that the safe box cannot
/// hold.
OverlayLayout lay_out_caption(const Overlay& overlay, const Canvas& canvas);

} // namespace longtake::render
