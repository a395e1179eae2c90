#pragma once

#include "pipeline/model/still.h"

#include <opencv2/core/mat.hpp>

#include <string>
#include <vector>

namespace longtake::stages::picture {

enum class Content {
    photograph, ///< JPEG
    graphic,    ///< flat colours and sharp edges: PNG while that is not large
    mask,       ///< PNG, never scaled
};

struct Encoded {
    std::string bytes;
    std::string format; ///< "jpeg" or "png"
    Size size;
    std::vector<std::string> actions;
};

/// Encodes within the rules' formats and bytes: a graphic as PNG if that is at most half of what is allowed, else the
/// best JPEG of quality 95 to 70 that fits, else a smaller picture.
/// `fixed_size`: the picture must not be scaled; the quality goes down to 40 instead.
/// Throws Error(input) if nothing fits.
Encoded encode(const cv::Mat& bgr, const ImageRules& rules, Content content, bool fixed_size);

} // namespace longtake::stages::picture
