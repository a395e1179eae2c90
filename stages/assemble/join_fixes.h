#pragma once

#include "pipeline/model/timeline.h"
#include "stages/assemble/seams.h"

#include <vector>

namespace longtake::stages {

/// What is to be mended at joins.
struct JoinFixes {
    bool dedupe = false;       ///< drop repeated frames, from the end of the old piece: the new one stays whole
    bool match_colour = false; ///< grade the end of the old piece over to the look of the new one
    bool smooth = false;       ///< a short held morph over a cut that jumps
};

/// A timeline with its joins mended as far as what was measured of them allows. Pure: no files, no clock. Every new
/// piece keeps its frames as shot, so that they can be copied; only ends of old ones change.
///
/// dedupe: at cuts and held transitions whose frames repeat; the film shortens by them. A piece always keeps a frame,
/// and the room its transitions need.
///
/// match_colour: at cuts whose footage repeats or goes on, where the mean or deviation of a plane steps by 0.5 code
/// values or more. Gain and offset bring the last frame to the new piece's tone and fall to nothing over 12 to 24
/// frames (0.75 s) before it; gains stay within 0.9 .. 1.1, means move 32 code values at most. A grade that is there
/// already is kept below it.
///
/// smooth: at cuts between items that lose 3 points or more to colour, motion, sharpness or repeated frames that
/// stay, and where the flow over the join can be trusted: 4 to 8 frames (1/6 s), fewer if the old piece has no more.
///
/// `seams` must be measure_seams()'s of this very timeline; throws Error(internal) if one names no piece of it.
Timeline fix_joins(Timeline timeline, const std::vector<Seam>& seams, const JoinFixes& fixes);

} // namespace longtake::stages
