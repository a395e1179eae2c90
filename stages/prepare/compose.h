#pragma once

#include "stages/prepare/prepare.h"

#include <opencv2/core/mat.hpp>

#include <optional>

namespace longtake::stages::picture {

/// Noise of half a level, which hides the steps of 8 bits and leaves whole numbers what they are: white stays white.
inline constexpr float k_rounding = 0.5F;

/// What lies behind and around a picture.
struct Ground {
    enum class Bars { blurred, colour, edge };

    Bars bars = Bars::blurred;       ///< `blurred`: the picture's own enlargement, darkened
    std::optional<cv::Vec3b> colour; ///< BGR, of plain bars and under alpha; empty: blurred there too
    float grain = 1;                 ///< +-levels of noise on what is blurred
    float shade = 0;                 ///< what is blurred further darkened (to -1: black) or lightened (to 1: white)
};

/// BGRA whose colours are multiplied by alpha. (Scaling straight alpha would bleed the colour of transparent pixels
/// into the rim.)
cv::Mat premultiplied(const cv::Mat& bgra);

/// Shows `picture` (8-bit BGR, or BGRA with straight alpha) on a ground, as its placement says, scaled with
/// Lanczos kernels. The result is BGR; pixels at their own scale stay exactly as they are.
cv::Mat compose(const cv::Mat& picture, const Placement& placement, const Ground& ground);

/// The same for a mask: nearest neighbour on black.
cv::Mat compose_mask(const cv::Mat& mask, const Placement& placement);

} // namespace longtake::stages::picture
