#pragma once

#include <opencv2/core/mat.hpp>

namespace longtake::image {

/// A picture whose longer side has at most this many pixels, averaged; one that is small enough as it is.
cv::Mat shrunk(const cv::Mat& picture, int longer_side);

} // namespace longtake::image
