#pragma once

#include "stages/prepare/header.h"

#include <opencv2/core/mat.hpp>

#include <string_view>

namespace longtake::stages::picture {

/// Decodes a whole picture to 8-bit BGR, or BGRA with straight alpha where something is transparent, upright
/// (EXIF orientation applied), 16 bits rounded to 8, grey as colour. Throws Error(input) if it is damaged.
cv::Mat decode(std::string_view bytes, const Header& header);

} // namespace longtake::stages::picture
