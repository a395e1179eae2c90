#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/clip.h"
#include "stages/extend/delta_e.h"

#include <array>
#include <vector>

namespace longtake::stages {

/// How a picture's colours are spread, wherever in it they stand: a camera may move and leave it as it is.
struct Look {
    std::array<Lab, 5> bands;     ///< mean colours of five equal parts of the pixels, from the darkest up
    std::array<double, 3> mean{}; ///< of Y', Cb, Cr, in 8-bit limited-range BT.709
    std::array<double, 3> deviation{};
};

/// Of an RGB picture; a small one tells as much as a large one.
Look look_of(const av::Frame& rgb);

/// Mean CIEDE2000 between the bands of two looks.
double difference(const Look& one, const Look& two);

/// The look of `looks` (not empty) that is nearest to one.
const Look& nearest(const std::vector<Look>& looks, const Look& to);

/// How far a grade may go.
struct GradeLimits {
    double gain = 1.1; ///< and its inverse
    double shift = 12; ///< of the mean, code values
};

/// Between two different moments of a shot: what differs may be what is shown.
constexpr GradeLimits k_cautious{1.1, 12};
/// Between two pictures of the same moment: what differs is colour.
constexpr GradeLimits k_confident{1.3, 40};

/// The grade that gives a picture the means and deviations of a look (E. Reinhard et al., "Color Transfer between
/// Images", 2001, in Y'CbCr), within limits. None where the looks differ by less than anyone sees, or where it would
/// bring them no nearer.
Grade grade_toward(const av::Frame& rgb, const Look& to, const GradeLimits& limits);

/// A graded copy of an RGB picture.
av::Frame graded_picture(const av::Frame& rgb, const Grade& grade);

} // namespace longtake::stages
