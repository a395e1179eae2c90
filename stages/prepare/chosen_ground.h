#pragma once

#include "stages/prepare/compose.h"
#include "stages/prepare/prepare.h"

#include <opencv2/core/mat.hpp>

#include <string>

namespace longtake::stages::picture {

/// The background that carries the colours of a picture's edges on.
inline constexpr const char* k_edge = "edge";

/// "#rrggbb" as BGR. Throws Error(usage) for anything else.
cv::Vec3b parse_colour(const std::string& text);

/// Whether a request's background is a colour.
bool names_colour(const PictureRequest& request);

/// A ground, and what there is to say of the choice.
struct Chosen {
    Ground ground;
    std::string why;     ///< it is not the usual one
    std::string warning; ///< what is on it can hardly be seen
};

/// What shows beside and under a picture (8-bit BGR or BGRA): the user's colour is taken as it is; without one, what
/// cannot be seen on the usual ground gets another. `request.fit` is decided.
Chosen chosen_ground(const PictureRequest& request, const cv::Mat& pixels);

} // namespace longtake::stages::picture
