#pragma once

#include "pipeline/av/delta_e.h"
#include "pipeline/av/frame.h"
#include "pipeline/model/clip.h"

#include <array>
#include <vector>

namespace longtake::stages {

/// How a picture's colours are spread, wherever in it they stand: a camera may move and leave it as it is.
struct Look {
    std::array<av::Lab, 5> bands; ///< mean colours of five equal parts of the pixels, from the darkest up
    std::array<double, 3> mean{}; ///< of Y', Cb, Cr, in 8-bit limited-range BT.709
    std::array<double, 3> deviation{};
};

/// Of an RGB picture; a small one tells as much as a large one.
Look look_of(const av::Frame& rgb);

/// Mean CIEDE2000 between the bands of two looks.
double difference(const Look& one, const Look& two);

/// How far a grade may go.
struct GradeLimits {
    double gain = 1.1; ///< and its inverse
    double shift = 12; ///< of the mean, code values
};

/// For a picture that is sent: what seems to be drift may have been meant.
constexpr GradeLimits k_cautious{1.1, 12};
/// Between two pictures of the same moment: what differs is colour.
constexpr GradeLimits k_confident{1.3, 40};
/// For what is only added up.
constexpr GradeLimits k_measured{2, 100};

/// The grade that gives one look the means and deviations of another (E. Reinhard et al., "Color Transfer between
/// Images", 2001, in Y'CbCr), within limits.
Grade transfer(const Look& from, const Look& to, const GradeLimits& limits);

/// The same for a picture; none where nobody would see a difference, or where it would come no nearer.
Grade grade_toward(const av::Frame& rgb, const Look& to, const GradeLimits& limits);

/// One grade after the other, as one.
Grade chained(const Grade& first, const Grade& second);

/// The grade that undoes another.
Grade inverse(const Grade& grade);

/// A graded copy of an RGB picture.
av::Frame graded_picture(const av::Frame& rgb, const Grade& grade);

} // namespace longtake::stages
