#pragma once

#include "stages/prepare/encode.h"

#include <opencv2/core/mat.hpp>

namespace longtake::stages::picture {

/// Whether a picture (8-bit BGR or BGRA) is a photograph or a graphic, told by its neighbouring pixels: in a graphic
/// most are the same or clearly different, in a photograph most are a little different. At most about 64 000 of them
/// are looked at, evenly spread.
Content content_of(const cv::Mat& pixels);

} // namespace longtake::stages::picture
