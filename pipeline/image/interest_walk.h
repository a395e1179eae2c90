#pragma once

#include <opencv2/core/mat.hpp>

#include <vector>

namespace longtake::image {

/// Where a window of some length sees most, look by look. In shares of the side it is slid on.
struct InterestWalk {
    std::vector<double> centres;
    bool clear = false; ///< it sees clearly more than a window in the middle would
};

/// From maps of what there is to see (CV_32F, each summing to 1, all of one size): one place where that is nearly as
/// good, otherwise the walk through all looks that sees most and goes little, by dynamic programming.
InterestWalk walk_of(const std::vector<cv::Mat>& interest, double length, bool across);

} // namespace longtake::image
