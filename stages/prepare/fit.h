#pragma once

#include "pipeline/model/storyboard.h"

#include <opencv2/core/mat.hpp>

namespace longtake::stages::picture {

/// How a picture (8-bit BGR or BGRA) is best brought to another aspect: `pad` for what would be spoilt where it is cut
/// (cut-outs, graphics and text, what stands on a plain ground), else `crop`.
Fit fit_of(const cv::Mat& pixels);

/// Whether its edges are white all round. Darkened, as what lies around a blurred picture is, they would be grey.
bool has_white_border(const cv::Mat& pixels);

} // namespace longtake::stages::picture
