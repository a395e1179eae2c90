#pragma once

#include "stages/prepare/encode.h"

#include <opencv2/core/mat.hpp>

namespace longtake::stages::picture {

/// Whether a picture (8-bit BGR or BGRA) is a photograph or a graphic, told by its neighbouring pixels. Where those of
/// a graphic differ they differ clearly (by more than 16 of 255, or by 2 at most along a gradient); those of a
/// photograph differ a little nearly everywhere. What is nine tenths flat is a graphic too, whatever the rest is: it
/// packs well. At most about 65 000 places are looked at, evenly spread.
Content content_of(const cv::Mat& pixels);

} // namespace longtake::stages::picture
