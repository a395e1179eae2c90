#include "stages/prepare/backdrop.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages::picture {
namespace {

constexpr int k_small_side = 96;     ///< where the blurring is done
constexpr int k_smooth_side = 1024;  ///< what rows are sampled from
constexpr double k_sigma = 5;        ///< of the blur, in pixels of the small one: about a twentieth of the canvas
constexpr double k_sigma_alpha = 15; ///< the same under a cut-out, where what is next to it would look like a halo
constexpr double k_darken = 0.55;    ///< so that the eye goes to the picture

cv::Size longest(Size canvas, int side)
{
    const double scale = static_cast<double>(side) / std::max(canvas.width, canvas.height);
    return {std::max(1, static_cast<int>(std::lround(canvas.width * scale))),
            std::max(1, static_cast<int>(std::lround(canvas.height * scale)))};
}

/// The middle of the picture, as much of it as covers the canvas.
cv::Mat covering(const cv::Mat& picture, Size canvas)
{
    const double scale =
        std::max(static_cast<double>(canvas.width) / picture.cols, static_cast<double>(canvas.height) / picture.rows);
    const int width = std::clamp(static_cast<int>(std::lround(canvas.width / scale)), 1, picture.cols);
    const int height = std::clamp(static_cast<int>(std::lround(canvas.height / scale)), 1, picture.rows);
    return picture(cv::Rect((picture.cols - width) / 2, (picture.rows - height) / 2, width, height));
}

/// Colour where there is little or none is taken from the mean of what can be seen.
cv::Mat weighted_colour(const cv::Mat& premultiplied)
{
    const cv::Scalar sum = cv::sum(premultiplied);
    const double weight = std::max(sum[3], 1.0);
    constexpr float k_trust = 2; // of 255: how much alpha outweighs the mean
    const cv::Vec3f mean(static_cast<float>(255 * sum[0] / weight), static_cast<float>(255 * sum[1] / weight),
                         static_cast<float>(255 * sum[2] / weight));
    cv::Mat colour(premultiplied.size(), CV_32FC3);
    for (int y = 0; y < colour.rows; ++y) {
        for (int x = 0; x < colour.cols; ++x) {
            const auto& in = premultiplied.at<cv::Vec4f>(y, x);
            for (int c = 0; c < 3; ++c) {
                colour.at<cv::Vec3f>(y, x)[c] = (255 * in[c] + k_trust * mean[c]) / (in[3] + k_trust);
            }
        }
    }
    return colour;
}

} // namespace

Backdrop::Backdrop(const cv::Mat& picture, Size canvas, float shade) : canvas_(canvas)
{
    cv::Mat small;
    cv::resize(covering(picture, canvas), small, longest(canvas, k_small_side), 0, 0, cv::INTER_AREA);
    small.convertTo(small, CV_32F, k_darken);
    const double sigma = small.channels() == 4 ? k_sigma_alpha : k_sigma;
    cv::GaussianBlur(small, small, {}, sigma, sigma, cv::BORDER_REPLICATE);
    if (small.channels() == 4) {
        small.convertTo(small, CV_32F, 1 / k_darken); // alpha is not to be darkened
        small = weighted_colour(small) * k_darken;
    }
    if (shade != 0) { // toward black or white, by so much of the way
        small = small * (1 - std::abs(shade)) + cv::Scalar::all(shade > 0 ? 255 * shade : 0);
    }
    const int side = std::min(k_smooth_side, std::max(canvas.width, canvas.height));
    cv::resize(small, smooth_, longest(canvas, side), 0, 0, cv::INTER_CUBIC);
}

void Backdrop::row(int y, std::vector<float>& bgr) const
{
    bgr.resize(static_cast<std::size_t>(canvas_.width) * 3);
    const auto sample = [](int at, int from, int to) {
        const float exact = (static_cast<float>(at) + 0.5F) * static_cast<float>(to) / static_cast<float>(from) - 0.5F;
        return std::clamp(exact, 0.0F, static_cast<float>(to - 1));
    };
    const float v = sample(y, canvas_.height, smooth_.rows);
    const int top = static_cast<int>(v);
    const float down = v - static_cast<float>(top);
    const auto* above = smooth_.ptr<cv::Vec3f>(top);
    const auto* below = smooth_.ptr<cv::Vec3f>(std::min(top + 1, smooth_.rows - 1));
    for (int x = 0; x < canvas_.width; ++x) {
        const float u = sample(x, canvas_.width, smooth_.cols);
        const int left = static_cast<int>(u);
        const int right = std::min(left + 1, smooth_.cols - 1);
        const float across = u - static_cast<float>(left);
        for (int c = 0; c < 3; ++c) {
            const float upper = above[left][c] + (above[right][c] - above[left][c]) * across;
            const float lower = below[left][c] + (below[right][c] - below[left][c]) * across;
            bgr[static_cast<std::size_t>(3 * x + c)] = upper + (lower - upper) * down;
        }
    }
}

} // namespace longtake::stages::picture
