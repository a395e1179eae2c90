#pragma once

#include "pipeline/model/brand/overlay.h"

#include <cstdint>
#include <vector>

namespace longtake::render {

/// cubic-bezier(.16, 1, .3, 1) of CSS: fast at first, then long in coming to rest. 0..1 to 0..1.
double eased(double t) noexcept;

/// Where a part of an overlay is on its way, in a frame.
struct Moment {
    double opacity = 1;
    double x = 0;     ///< moved right by this share of the picture's shorter side
    double y = 0;     ///< moved down
    double scale = 1; ///< about its middle
    int letters = -1; ///< shown of it; -1: all

    bool settled() const noexcept { return *this == Moment{}; }
    friend bool operator==(const Moment&, const Moment&) = default;
};

/// When an overlay stands in a rendition: seconds since its first frame began, seconds until its last one ends, both
/// taken in the middle of a frame.
struct Clock {
    double since = 0;
    double until = 0;
};

/// A part of an overlay that moves on its own: a line, a button, a logo.
struct Part {
    int order = 0;             ///< of coming, from 0
    int letters = 0;           ///< it can be typed in so many; 0: it cannot
    int letters_before = 0;    ///< of the parts that come before it
    bool rtl = false;          ///< slides in from the right
    bool logo = false;         ///< comes in its own way: 0.96 of its size to all of it
    double from = 0, to = 1e9; ///< seconds of the overlay in which it is there at all
};

/// `parts`: how many there are. A short overlay comes and goes faster.
Moment moment_of(const Overlay& overlay, const Part& part, int parts, const Clock& clock);

/// How much of the scrim behind it is there, 0..1. A curtain comes evenly.
double scrim_opacity(const Overlay& overlay, const Clock& clock);

} // namespace longtake::render
