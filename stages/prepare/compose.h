#pragma once

#include "stages/prepare/prepare.h"

#include <opencv2/core/mat.hpp>

#include <optional>

namespace longtake::stages::picture {

/// What lies behind and around a picture.
struct Ground {
    enum class Bars { blurred, colour, edge };

    Bars bars = Bars::blurred;       ///< `blurred`: the picture's own enlargement, darkened
    std::optional<cv::Vec3b> colour; ///< BGR, of plain bars and under alpha; empty: blurred there too
};

/// Shows `picture` (8-bit BGR, or BGRA with straight alpha) on a ground, as its placement says, scaled with
/// Lanczos kernels. The result is BGR; pixels at their own scale stay exactly as they are.
cv::Mat compose(const cv::Mat& picture, const Placement& placement, const Ground& ground);

/// The same for a mask: nearest neighbour on black.
cv::Mat compose_mask(const cv::Mat& mask, const Placement& placement);

} // namespace longtake::stages::picture
