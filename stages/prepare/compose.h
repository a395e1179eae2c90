#pragma once

#include "stages/prepare/prepare.h"

#include <opencv2/core/mat.hpp>

#include <optional>

namespace longtake::stages::picture {

/// What lies behind a picture.
struct Ground {
    std::optional<cv::Vec3b> colour; ///< BGR; empty: the picture's own blurred, darkened enlargement
};

/// Shows `picture` (8-bit BGR, or BGRA with straight alpha) on a ground, as its placement says, scaled with
/// Lanczos kernels. The result is BGR; pixels at their own scale stay exactly as they are.
cv::Mat compose(const cv::Mat& picture, const Placement& placement, const Ground& ground);

/// The same for a mask: nearest neighbour on black.
cv::Mat compose_mask(const cv::Mat& mask, const Placement& placement);

} // namespace longtake::stages::picture
