#pragma once

#include "pipeline/model/rate.h"

#include <cstdint>
#include <vector>

namespace longtake::av {

/// How pictures follow each other.
struct Cadence {
    Rate rate;            ///< the rate they were made at, not the average of what is left of it
    bool constant = true; ///< every picture lies on the grid of that rate, none is missing
};

/// From when a clip's pictures are shown: `times` ascending, in ticks of `tick` seconds. `claimed`: the rate the header
/// gives, an average. A variable rate has a base: the rate on whose grid its pictures lie, some of them left out
/// (screen recordings, phones that drop frames). Slides, of less than 5 a second, get a usual rate, since nobody makes
/// films at theirs, and so do clips of more than 240, the most a film can have.
Cadence cadence_of(const std::vector<std::int64_t>& times, double tick, Rate claimed);

} // namespace longtake::av
