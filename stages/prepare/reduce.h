#pragma once

#include <opencv2/core/mat.hpp>

namespace longtake::stages::picture {

/// A picture (8-bit, 3 or 4 channels) made smaller with a Lanczos kernel three lobes wide, stretched so that nothing
/// above the new size's resolution is left to alias. From four times the size on, whole pixels are averaged first.
cv::Mat reduced(const cv::Mat& picture, cv::Size to);

} // namespace longtake::stages::picture
