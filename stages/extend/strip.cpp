#include "stages/extend/strip.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages {

namespace {

constexpr int k_small_side = 320; ///< pixels, the longer side
constexpr double k_largest = 0.5; ///< of the frame: some pixels are averaged, and the encoder's noise with them

} // namespace

Size small_size(Size size)
{
    const double scale = std::min(k_largest, static_cast<double>(k_small_side) / std::max(size.width, size.height));
    const auto side = [&](int pixels) { return std::max(2, static_cast<int>(std::lround(pixels * scale))); };
    return {side(size.width), side(size.height)};
}

Small small(av::Frame rgb)
{
    const cv::Mat whole(rgb.size().height, rgb.size().width, CV_8UC3, rgb.plane(0),
                        static_cast<std::size_t>(rgb.stride(0)));
    cv::Mat luma;
    whole.convertTo(luma, CV_32F);
    cv::transform(luma, luma, cv::Matx13f(0.2126F, 0.7152F, 0.0722F));
    return {std::move(rgb), std::move(luma)};
}

Strip strip_of(const std::filesystem::path& file, std::int64_t first, std::size_t count, Size size)
{
    Strip strip;
    av::PictureReader reader(file, first, size);
    while (strip.size() < count) {
        auto picture = reader.next();
        if (!picture) {
            break;
        }
        strip.push_back(small(std::move(*picture)));
    }
    return strip;
}

Strip tail_of(const Footage& footage, std::size_t count, Size size)
{
    const std::int64_t first = std::max(footage.first, footage.end() - static_cast<std::int64_t>(count));
    return strip_of(footage.file, first, static_cast<std::size_t>(footage.end() - first), size);
}

double apart(const cv::Mat& one, const cv::Mat& two)
{
    constexpr double k_most = 1.25;
    cv::Scalar mean_one;
    cv::Scalar mean_two;
    cv::Scalar deviation_one;
    cv::Scalar deviation_two;
    cv::meanStdDev(one, mean_one, deviation_one);
    cv::meanStdDev(two, mean_two, deviation_two);
    const double gain = std::clamp((deviation_one[0] + 1) / (deviation_two[0] + 1), 1 / k_most, k_most);
    cv::Mat matched;
    two.convertTo(matched, CV_32F, gain, mean_one[0] - gain * mean_two[0]);
    return cv::norm(one, matched, cv::NORM_L2SQR) / static_cast<double>(one.total());
}

} // namespace longtake::stages
