#pragma once

#include "pipeline/image/box.h"

#include <opencv2/core.hpp>

namespace longtake::image {

/// Finds the bars above and below, or left and right, of a picture that was brought to another shape: flat, as good as
/// black in every look, as wide on one side as on the other, and ending in one straight line. A dark scene has no such
/// line, so that it is left whole; so is a picture whose own edge is black all along the shot, or with text in its
/// bars.
class BarFinder {
public:
    /// `bgr`: 8 bits, all looks of one size.
    void look(const cv::Mat& bgr);

    /// What lies between the bars, in pixels of the looks; all of it if there are none, or fewer than three looks. The
    /// line where a bar ends is given away, as it is mixed with black.
    Box active() const;

private:
    cv::Mat brightest_; ///< each pixel's largest value (CV_8U)
    int looks_ = 0;
};

} // namespace longtake::image
