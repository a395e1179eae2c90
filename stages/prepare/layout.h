#pragma once

#include "stages/prepare/prepare.h"

#include <functional>

namespace longtake::stages::picture {

/// What the geometry of a still depends on, beside the picture's own size.
struct Frame {
    const ImageRules& rules;
    std::optional<double> aspect; ///< wanted; empty: the picture's own, within the rules
    Fit fit = Fit::blur;
    std::optional<Size> like; ///< exactly this size
};

/// Where to cut a window of the given size out of the picture.
using ChooseWindow = std::function<Box(Size)>;

/// The smallest change of geometry that satisfies the frame. Aspects within 0.5 % count as equal; within 1 % the
/// difference is cropped away whatever the fit, because bars of a few pixels look like a fault.
/// Throws Error(input) if the aspect differs and the fit is `reject`.
Placement lay_out(Size picture, const Frame& frame, const ChooseWindow& choose);

/// The same transform for a mask of another resolution: it shows the same part of the same scene.
/// Throws Error(input) if its aspect is not its picture's.
Placement follow(const Placement& picture, Size mask);

/// Whether two aspects are within 1 % of each other.
bool same_shape(Size a, Size b);

/// The same on a still of another size and (but for rounding) the same aspect.
Placement on_still(const Placement& placement, Size still);

/// A window in the middle.
Box centred(Size picture, Size window);

/// A window with this place in its middle, as nearly as the picture allows.
Box window_at(PicturePoint place, Size picture, Size window);

} // namespace longtake::stages::picture
