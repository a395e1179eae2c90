#include "stages/prepare/enlarge.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace longtake::stages::picture {
namespace {

constexpr int k_reach = 3; ///< lobes of the kernel, and input samples on either side

double lanczos3(double x)
{
    if (std::abs(x) < 1e-9) {
        return 1;
    }
    const double t = std::numbers::pi * x;
    return std::abs(x) >= k_reach ? 0 : k_reach * std::sin(t) * std::sin(t / k_reach) / (t * t);
}

/// Where an output sample lies among the input samples.
struct Tap {
    int first = 0; ///< of the `2 * k_reach` samples; may lie outside
    std::array<float, 2 * k_reach> weights{};
};

std::vector<Tap> enlarging_taps(int from, int to)
{
    std::vector<Tap> taps(static_cast<std::size_t>(to));
    for (int i = 0; i < to; ++i) {
        Tap& tap = taps[static_cast<std::size_t>(i)];
        const double centre = (i + 0.5) * from / to - 0.5;
        tap.first = static_cast<int>(std::floor(centre)) - k_reach + 1;
        double sum = 0;
        std::array<double, 2 * k_reach> exact{};
        for (int k = 0; k < 2 * k_reach; ++k) {
            sum += exact[static_cast<std::size_t>(k)] = lanczos3(tap.first + k - centre);
        }
        std::transform(exact.begin(), exact.end(), tap.weights.begin(),
                       [&](double weight) { return static_cast<float>(weight / sum); });
    }
    return taps;
}

/// `samples`: of one channel, in order. What overshoots the two samples it lies between is a halo: it is held back.
float filtered(const std::array<float, 2 * k_reach>& samples, const Tap& tap)
{
    constexpr float k_hold = 0.8F; // all of it would show the pixels of slanted edges as steps
    float sum = 0;
    for (std::size_t k = 0; k < samples.size(); ++k) {
        sum += samples[k] * tap.weights[k];
    }
    const auto [low, high] = std::minmax(samples[k_reach - 1], samples[k_reach]);
    return sum + (std::clamp(sum, low, high) - sum) * k_hold;
}

/// One input row at the new width.
void widen(const uchar* in, int columns, int channels, const std::vector<Tap>& taps, float* out)
{
    std::array<float, 2 * k_reach> samples{};
    for (const Tap& tap : taps) {
        for (int c = 0; c < channels; ++c) {
            for (int k = 0; k < 2 * k_reach; ++k) {
                samples[static_cast<std::size_t>(k)] = in[std::clamp(tap.first + k, 0, columns - 1) * channels + c];
            }
            *out++ = filtered(samples, tap);
        }
    }
}

/// Output rows `rows`, from the input rows they need and no more.
void enlarge_rows(const cv::Mat& picture, const std::vector<Tap>& across, const std::vector<Tap>& down,
                  const cv::Range& rows, cv::Mat& out)
{
    const int channels = picture.channels();
    const int first = down[static_cast<std::size_t>(rows.start)].first;
    const int last = down[static_cast<std::size_t>(rows.end - 1)].first + 2 * k_reach;
    const int length = out.cols * channels;
    cv::Mat wide(last - first, length, CV_32F);
    for (int y = first; y < last; ++y) {
        widen(picture.ptr(std::clamp(y, 0, picture.rows - 1)), picture.cols, channels, across,
              wide.ptr<float>(y - first));
    }
    std::array<float, 2 * k_reach> samples{};
    for (int y = rows.start; y < rows.end; ++y) {
        const Tap& tap = down[static_cast<std::size_t>(y)];
        uchar* to = out.ptr(y);
        for (int x = 0; x < length; ++x) {
            for (int k = 0; k < 2 * k_reach; ++k) {
                samples[static_cast<std::size_t>(k)] = wide.at<float>(tap.first + k - first, x);
            }
            to[x] = cv::saturate_cast<uchar>(filtered(samples, tap));
        }
    }
}

} // namespace

cv::Mat enlarged(const cv::Mat& picture, cv::Size to)
{
    const std::vector<Tap> across = enlarging_taps(picture.cols, to.width);
    const std::vector<Tap> down = enlarging_taps(picture.rows, to.height);
    cv::Mat out(to, picture.type());
    constexpr int k_band = 64;
    cv::parallel_for_(cv::Range(0, (to.height + k_band - 1) / k_band), [&](const cv::Range& bands) {
        for (int band = bands.start; band < bands.end; ++band) {
            enlarge_rows(picture, across, down, {band * k_band, std::min((band + 1) * k_band, to.height)}, out);
        }
    });
    return out;
}

} // namespace longtake::stages::picture
