#include "pipeline/image/shrink.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace longtake::image {

cv::Mat shrunk(const cv::Mat& picture, int longer_side)
{
    const double scale = std::min(1.0, static_cast<double>(longer_side) / std::max(picture.cols, picture.rows));
    cv::Mat small;
    cv::resize(picture, small, {}, scale, scale, cv::INTER_AREA);
    return small;
}

} // namespace longtake::image
