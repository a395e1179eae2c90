#pragma once

#include "pipeline/model/timeline.h"

#include <cstdint>
#include <string>

namespace longtake {

/// A shot's place in a film that somebody has cut anew: which of its frames are shown, and how it is come into. Shots
/// stand in the order they are shown in; one may come twice, or not at all.
struct ShotEdit {
    std::string shot;
    std::int64_t from = 0;    ///< the first frame shown, counted from the shot's own beginning at the film's rate
    std::int64_t frames = 0;  ///< > 0
    TimelineTransition way{}; ///< into it; over frames that it and the shot before it have
};

} // namespace longtake
