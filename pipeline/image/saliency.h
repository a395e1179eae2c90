#pragma once

#include <opencv2/core/mat.hpp>

#include <vector>

namespace longtake::image {

/// What there is to see at each pixel of an 8-bit BGR picture of some 256 pixels, summing to 1 (CV_32F): detail,
/// colours that stand out, skin. The middle counts several times the rim, because that is where photographers put what
/// they mean, and a little above it more than below: heads are at the top.
cv::Mat interest(const cv::Mat& bgr);

/// The sum of a profile (what there is to see in each column, or row) over a window, in samples of the profile. Its rim
/// counts half: what matters belongs in the middle, not cut in two.
double seen_in(const std::vector<double>& profile, double start, double length);

} // namespace longtake::image
