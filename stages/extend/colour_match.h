#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/image/colour_stats.h"
#include "pipeline/image/grade.h"

namespace longtake::stages {

/// For a picture that is sent: what seems to be drift may have been meant.
constexpr image::GradeLimits k_cautious{1 / 1.1, 1.1, 12};
/// Between two pictures of the same moment: what differs is colour.
constexpr image::GradeLimits k_confident{1 / 1.3, 1.3, 40};
/// For what is only added up.
constexpr image::GradeLimits k_measured{1 / 2.0, 2, 100};

/// The grade that gives a picture of one spread of colours another, rounded.
Grade transfer(const image::ColourStats& from, const image::ColourStats& to, const image::GradeLimits& limits);

/// The same for an RGB picture; none where nobody would see a difference, or where it would come no nearer.
Grade grade_toward(const av::Frame& rgb, const image::ColourStats& to, const image::GradeLimits& limits);

} // namespace longtake::stages
