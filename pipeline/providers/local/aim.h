#pragma once

#include "pipeline/model/framing.h"

#include <opencv2/core/mat.hpp>

namespace longtake::local {

/// Where a camera that nobody directs looks in a picture (BGR, 8 bits): at the faces, else at what stands out; or where
/// the focus says, whose place is one of this picture.
PicturePoint aim_of(const cv::Mat& bgr, const Focus& focus);

} // namespace longtake::local
