#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/storyboard.h"

#include <cstdint>

namespace longtake::render {

/// How far a transition of `length` frames has come on its frame `index` (0 .. length-1): (index + 1) / (length + 1),
/// so that neither end repeats a pure frame of its neighbour. Dissolves and fades are linear in light's code
/// values, as editors do them; wipes and slides ease in and out.
double transition_progress(TransitionType type, std::int64_t index, std::int64_t length);

/// One frame of a transition from `a` to `b`, both 8-bit 4:2:0 BT.709 of the same size. `progress` 0..1.
/// Wipes have a soft edge of 1/24 of the side they cross, an iris of half the diagonal; slides push the old picture
/// out. A morph is a dissolve here: it takes more than two pictures to know what moves.
av::Frame transition_frame(TransitionType type, const av::Frame& a, const av::Frame& b, double progress);

} // namespace longtake::render
