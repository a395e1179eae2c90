#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/image/colour_stats.h"
#include "pipeline/model/clip.h"

namespace longtake::image {

/// A graded copy of an 8-bit 4:2:0 BT.709 limited frame; the frame itself, shared, if the grade changes nothing.
av::Frame graded(const av::Frame& frame, const Grade& grade);

/// The same of an RGB picture.
av::Frame graded_rgb(const av::Frame& rgb, const Grade& grade);

/// How far a grade may go.
struct GradeLimits {
    double least_gain = 0;
    double most_gain = 0;
    double shift = 0;  ///< of the mean, code values, either way
    double unseen = 0; ///< a channel whose mean and deviation differ by less, in code values, is left as it is
};

/// The grade that gives a picture of these moments those of another (E. Reinhard et al., "Color Transfer between
/// Images", 2001, in Y'CbCr), within limits.
Grade grade_between(const ColourMoments& from, const ColourMoments& to, const GradeLimits& limits);

/// So many decimals that nobody sees the rest, and no more: the same grade everywhere.
Grade rounded(const Grade& grade);

/// One grade after the other, as one.
Grade chained(const Grade& first, const Grade& second);

/// A share of a grade: 0 none of it, 1 all.
Grade share_of(const Grade& grade, double share);

/// The grade that undoes another.
Grade inverse(const Grade& grade);

} // namespace longtake::image
