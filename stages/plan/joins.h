#pragma once

#include "pipeline/model/plan.h"

namespace longtake::stages {

/// Gives every shot its frames, its trimmed in and out if it is a clip, and the film its length. Boundaries are rounded
/// from the running sum of seconds, so that rounding never adds up. Throws Error(usage): a clip shorter than its in,
/// out or seconds, a shot of less than a frame.
void lay_out_frames(Plan& plan, const Inputs& facts);

/// Turns every shot's transition into frames, held or overlapping, and shortens the film by what overlaps.
/// Throws Error(usage) if transitions ask for more of a shot than it has.
void lay_out_transitions(Plan& plan);

} // namespace longtake::stages
