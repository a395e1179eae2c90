#pragma once

#include "pipeline/model/framing.h"
#include "pipeline/model/rate.h"

#include <cstdint>
#include <vector>

namespace longtake::image {

/// Where a subject is along the side a window is slid on, in shares of that side.
struct Extent {
    std::int64_t frame = 0;
    double first = 0, last = 0;
};

/// How a window may move, in source widths (or heights, where it is slid down) a second, and its powers. At 0.35 what
/// stands still takes three seconds through the picture, about the least at which it can be made out in a pan; half a
/// second to full speed and a quarter of one to full acceleration are what a hand on a tripod needs.
struct CameraLimits {
    double speed = 0.35;
    double acceleration = 0.7;
    double jerk = 2.8;

    friend bool operator==(const CameraLimits&, const CameraLimits&) = default;
};

/// The slide of one window over one shot. Lengths are shares of the side it is slid on.
struct Slide {
    double length = 1;              ///< of the window
    double least = 0.5, most = 0.5; ///< its centre's range
    std::int64_t first = 0;         ///< frame
    std::int64_t frames = 0;        ///< > 0
    Rate rate;
};

/// What a window leaves free on either side of its subject, as a share of its length. It is planned with 10 %, so that
/// what a look misjudges does not cost the 8 % that are promised.
inline constexpr double k_air = 0.08;

/// The limits for a subject: all of them are raised by one factor, at most 4, where it is faster than the first allows.
CameraLimits limits_for(const std::vector<Extent>& subject, Rate rate);

/// A move along one side: control points as FramingPath has them.
struct CameraMove {
    FramingPath::Kind kind = FramingPath::Kind::still;
    std::int64_t first = 0;
    std::int64_t step = 1;
    std::vector<double> points;
};

/// The calmest move that keeps the subject (by ascending frame; where there is none, nothing is asked for) in the
/// window with air: one that stands still, else a pan, else one that tracks, always within `limits_for`. A subject
/// larger than the window is centred.
CameraMove camera_move(const std::vector<Extent>& subject, const Slide& slide);

} // namespace longtake::image
