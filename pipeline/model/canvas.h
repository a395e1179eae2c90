#pragma once

#include "pipeline/model/preset.h"
#include "pipeline/model/rate.h"
#include "pipeline/model/storyboard.h"

#include <array>

namespace longtake {

/// Where text may stand, relative to the picture's sides.
struct SafeBox {
    double left = 0.1, right = 0.9;
    double top = 0.1, bottom = 0.9;

    std::array<double, 4> list() const { return {left, right, top, bottom}; }

    /// What lies in both.
    SafeBox within(const SafeBox& other) const noexcept;
};

/// The picture an output is shown in.
struct Canvas {
    Size size;
    Fit fit = Fit::blur; ///< how a film of another aspect is brought to it; never `reject`
    SafeBox safe{};      ///< where text may stand on it
    DynamicRange range = DynamicRange::sdr;
};

/// What a preset makes of a film of this size.
Canvas canvas_of(const Preset& preset, Size film);

/// The rate a preset shows a film of this rate at: its own, or the film's within what it takes.
Rate output_rate(const Preset& preset, Rate film);

/// Whether a preset shows a film of this size whole, so that its safe box is the film's own.
bool shows_whole(const Preset& preset, Size film);

/// The box that a preset's platform leaves free; the usual one where it says nothing.
SafeBox safe_box_of(const Preset& preset);

} // namespace longtake
