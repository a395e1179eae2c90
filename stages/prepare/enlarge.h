#pragma once

#include <opencv2/core/mat.hpp>

namespace longtake::stages::picture {

/// A picture (8-bit, 3 or 4 channels) made larger, or as large, in both directions.
cv::Mat enlarged(const cv::Mat& picture, cv::Size to);

} // namespace longtake::stages::picture
