#pragma once

#include "pipeline/model/still.h"
#include "stages/prepare/codecs/codecs.h"

#include <opencv2/core/mat.hpp>

#include <optional>
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
/// `best_jpeg`: that of quality 95, where it was made already and fits.
/// Throws Error(input) if nothing fits.
Encoded encode(const cv::Mat& bgr, const ImageRules& rules, Content content, bool fixed_size,
               std::optional<std::string> best_jpeg = {});

/// Makes `best_jpeg` of BGR rows.
JpegEncoder best_jpeg_encoder(cv::Size size, const ImageRules& rules);

} // namespace longtake::stages::picture
