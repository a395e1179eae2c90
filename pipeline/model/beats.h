#pragma once

#include <vector>

namespace longtake {

/// The beats of a piece of music.
struct Beats {
    double tempo = 0;            ///< beats a minute; 0: none were found
    double confidence = 0;       ///< 0 .. 1: how much of what starts in the music comes back from beat to beat
    double seconds = 0;          ///< of the music, as decoded
    std::vector<double> times{}; ///< seconds, in order; empty: none were found
};

} // namespace longtake
