#pragma once

#include <opencv2/core.hpp>

namespace longtake::image {

/// Where the points of one picture lie in another, both ways: CV_32FC2 displacements in samples of their own grid.
/// Where forward and backward disagree, or what they join does not look alike, they turn by degrees into the map that
/// aligns the pictures as a whole, or to zero where there is none.
struct Correspondence {
    cv::Mat there;         ///< on the first picture's grid
    cv::Mat back;          ///< on the second's
    double confidence = 0; ///< mean confidence, 0 (nothing matches) .. 1
    bool aligned = false;  ///< one picture is roughly an affine view of the other
    cv::Mat agreement{};   ///< on the first's grid, CV_32F: 1 where most points around match, 0 where they do not
};

/// Matches two greyscale pictures (CV_8U, one size): as a whole first, then by dense inverse search, both ways.
Correspondence match(const cv::Mat& first, const cv::Mat& second);

} // namespace longtake::image
