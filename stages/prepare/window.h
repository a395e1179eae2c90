#pragma once

#include "stages/prepare/prepare.h"

#include <opencv2/core/mat.hpp>

namespace longtake::stages::picture {

/// The window of this size with the most to see, slid along the one side where the picture is larger: detail, colours
/// that stand out, skin, and all of it more in the middle. The middle one unless another is clearly better.
Box choose_window(const cv::Mat& bgr, Size window);

} // namespace longtake::stages::picture
