#include "pipeline/image/compare.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::image {
namespace {

constexpr int k_small_side = 320;    ///< pixels, the longer side
constexpr double k_largest = 0.5;    ///< of the frame: some pixels are averaged, and the encoder's noise with them
constexpr double k_most_gain = 1.25; ///< when contrast is matched

} // namespace

Size thumbnail_size(Size size)
{
    const double scale = std::min(k_largest, static_cast<double>(k_small_side) / std::max(size.width, size.height));
    const auto side = [&](int pixels) { return std::max(2, static_cast<int>(std::lround(pixels * scale))); };
    return {side(size.width), side(size.height)};
}

Thumbnail thumbnail_of(av::Frame rgb)
{
    const cv::Mat whole(rgb.size().height, rgb.size().width, CV_8UC3, rgb.plane(0),
                        static_cast<std::size_t>(rgb.stride(0)));
    cv::Mat luma;
    whole.convertTo(luma, CV_32F);
    cv::transform(luma, luma, cv::Matx13f(0.2126F, 0.7152F, 0.0722F));
    return {std::move(rgb), std::move(luma)};
}

cv::Mat plane_of(const av::Frame& frame, int index)
{
    const Size size = frame.size();
    const int half = index == 0 ? 1 : 2;
    return {(size.height + half - 1) / half, (size.width + half - 1) / half, CV_8U, frame.plane(index),
            static_cast<std::size_t>(frame.stride(index))};
}

double luma_mse(const cv::Mat& one, const cv::Mat& two)
{
    cv::Scalar mean_one;
    cv::Scalar mean_two;
    cv::Scalar deviation_one;
    cv::Scalar deviation_two;
    cv::meanStdDev(one, mean_one, deviation_one);
    cv::meanStdDev(two, mean_two, deviation_two);
    const double gain = std::clamp((deviation_one[0] + 1) / (deviation_two[0] + 1), 1 / k_most_gain, k_most_gain);
    cv::Mat matched;
    two.convertTo(matched, CV_32F, gain, mean_one[0] - gain * mean_two[0]);
    return cv::norm(one, matched, cv::NORM_L2SQR) / static_cast<double>(one.total());
}

} // namespace longtake::image
