#pragma once

#include "pipeline/image/camera_move.h"

#include <vector>

namespace longtake::image {

/// Where the window's centre is to be at a frame: anywhere in `hold`, if it can, and better in `calm`.
struct Wanted {
    double at = 0; ///< in steps from the first control point
    double hold_first = 0, hold_last = 0;
    double calm_first = 0, calm_last = 0;
};

/// The control points, a step apart, of the smoothest track to where the window is wanted: least speed summed up (so
/// that it stands where it may), acceleration and jerk squared, and distance from where it is wanted, weighed so
/// heavily that `hold` is kept wherever the limits allow it. A convex programme, solved by ADMM (S. Boyd et al.,
/// "Distributed Optimization and Statistical Learning via the Alternating Direction Method of Multipliers", 2011); what
/// rounding leaves outside the limits is drawn in toward the middle of the range, which brings it within them exactly.
std::vector<double> smooth_track(const std::vector<Wanted>& wanted, std::size_t points, const Slide& slide,
                                 const CameraLimits& limits, double step_seconds);

} // namespace longtake::image
