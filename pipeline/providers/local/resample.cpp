#include "pipeline/providers/local/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace longtake::local {

namespace {

constexpr double k_lobes = 3;
constexpr int k_projections = 1; ///< more gains nothing where the picture was shrunk by another filter

double sinc(double x)
{
    const double a = std::numbers::pi * x;
    return std::abs(a) < 1e-9 ? 1 : std::sin(a) / a;
}

/// For each output sample: the first of `count` input samples and their weights, which sum to 1.
struct Taps {
    int count = 0;
    std::vector<int> first;
    std::vector<float> weight;
};

Taps lanczos(int from, int to)
{
    const double scale = static_cast<double>(from) / to;
    const double stretch = std::max(scale, 1.0);
    Taps taps;
    taps.count = static_cast<int>(std::ceil(2 * k_lobes * stretch));
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * scale - 0.5;
        const int first = static_cast<int>(std::ceil(centre - k_lobes * stretch));
        taps.first.push_back(first);
        double sum = 0;
        std::vector<double> weights;
        for (int k = 0; k < taps.count; ++k) {
            const double x = (first + k - centre) / stretch;
            weights.push_back(std::abs(x) < k_lobes ? sinc(x) * sinc(x / k_lobes) : 0.0);
            sum += weights.back();
        }
        for (const double weight : weights) {
            taps.weight.push_back(static_cast<float>(weight / sum));
        }
    }
    return taps;
}

cv::Mat resample_rows(const cv::Mat& plane, int width)
{
    const Taps taps = lanczos(plane.cols, width);
    const int margin = taps.count + 1;
    std::vector<float> line(plane.cols + 2 * margin);
    cv::Mat out(plane.rows, width, CV_32F);
    for (int y = 0; y < plane.rows; ++y) {
        const float* in = plane.ptr<float>(y);
        std::fill_n(line.begin(), margin, in[0]);
        std::copy_n(in, plane.cols, line.begin() + margin);
        std::fill_n(line.begin() + margin + plane.cols, margin, in[plane.cols - 1]);
        float* to = out.ptr<float>(y);
        for (int x = 0; x < width; ++x) {
            const float* weight = &taps.weight[static_cast<std::size_t>(x) * taps.count];
            const float* from = &line[taps.first[x] + margin];
            float sum = 0;
            for (int k = 0; k < taps.count; ++k) {
                sum += weight[k] * from[k];
            }
            to[x] = sum;
        }
    }
    return out;
}

cv::Mat resample_columns(const cv::Mat& plane, int height)
{
    const Taps taps = lanczos(plane.rows, height);
    cv::Mat out = cv::Mat::zeros(height, plane.cols, CV_32F);
    for (int y = 0; y < height; ++y) {
        float* to = out.ptr<float>(y);
        for (int k = 0; k < taps.count; ++k) {
            const float* from = plane.ptr<float>(std::clamp(taps.first[y] + k, 0, plane.rows - 1));
            const float weight = taps.weight[static_cast<std::size_t>(y) * taps.count + k];
            for (int x = 0; x < plane.cols; ++x) {
                to[x] += weight * from[x];
            }
        }
    }
    return out;
}

} // namespace

cv::Mat resample(const cv::Mat& plane, cv::Size to)
{
    if (plane.size() == to) {
        return plane;
    }
    if (to.height < plane.rows) { // fewer rows first: the columns' pass is the cheap one
        return resample_rows(resample_columns(plane, to.height), to.width);
    }
    return resample_columns(resample_rows(plane, to.width), to.height);
}

cv::Mat enlarge(const cv::Mat& plane, cv::Size to)
{
    if (plane.size() == to) {
        return plane;
    }
    cv::Mat large = resample(plane, to);
    for (int i = 0; i < k_projections; ++i) {
        const cv::Mat lost = plane - resample(large, plane.size());
        large += resample(lost, to);
    }
    return large;
}

} // namespace longtake::local
