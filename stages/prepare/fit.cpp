#include "stages/prepare/fit.h"

#include "stages/prepare/content.h"
#include "stages/prepare/cut_out.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <optional>

namespace longtake::stages::picture {
namespace {

// A studio's ground and a scanned page are as even as this along their edges, skies and walls of a room are not.
constexpr double k_plain_deviation = 4; ///< of 255, along the whole border
constexpr int k_border_share = 50;      ///< of the shorter side: its width

/// The mean of a border whose pixels are nearly one colour; empty if they are not.
std::optional<cv::Scalar> plain_border(const cv::Mat& bgr)
{
    const int width = std::max(1, std::min(bgr.cols, bgr.rows) / k_border_share);
    cv::Mat border(bgr.size(), CV_8U, cv::Scalar(255));
    if (bgr.cols > 2 * width && bgr.rows > 2 * width) {
        border(cv::Rect(width, width, bgr.cols - 2 * width, bgr.rows - 2 * width)).setTo(0);
    }
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(bgr, mean, deviation, border);
    const bool plain = std::max({deviation[0], deviation[1], deviation[2]}) <= k_plain_deviation;
    return plain ? std::optional(mean) : std::nullopt;
}

} // namespace

Fit fit_of(const cv::Mat& pixels)
{
    if (pixels.channels() == 4) {
        return CutOut(pixels).has_holes() ? Fit::pad : Fit::crop;
    }
    const bool whole = content_of(pixels) == Content::graphic || plain_border(pixels);
    return whole ? Fit::pad : Fit::crop;
}

bool has_white_border(const cv::Mat& pixels)
{
    constexpr double k_white = 240;
    const auto mean = pixels.channels() == 3 ? plain_border(pixels) : std::nullopt;
    return mean && std::min({(*mean)[0], (*mean)[1], (*mean)[2]}) >= k_white;
}

} // namespace longtake::stages::picture
