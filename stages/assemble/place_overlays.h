#pragma once

#include "pipeline/model/brand/overlay.h"
#include "pipeline/model/plan.h"

#include <vector>

namespace longtake::stages {

/// Everything that lies over a plan's film, in frames of its timeline: the texts of styled cards, each once the way
/// into it is over and until the way out begins; those of shots and of the film; the brand's logo, in a corner from the
/// first frame to the last, or on the card the film ends with; its captions, if they are burned in; and the curtain
/// that ends it. Pure but for the fonts captions are measured by. `plan.styles` has every style that is named. Throws
/// Error(usage) for an overlay that begins after what it lies over has ended.
std::vector<Overlay> overlays_of(const Plan& plan);

/// Whether anything is to be read that is said, and whether on the pictures.
bool has_captions(const Plan& plan);
bool captions_are_burned(const Plan& plan);

/// The names of the styles a plan's cards and overlays are set in, each once; empty if it has none.
std::vector<std::string> styles_of(const Plan& plan);

} // namespace longtake::stages
