#include "stages/prepare/reduce.h"

#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace longtake::stages::picture {
namespace {

constexpr int k_lobes = 3;
constexpr int k_one = 1 << 14; ///< weights are whole numbers of this, so that two products fit a 32-bit sum

double lanczos(double x)
{
    if (std::abs(x) < 1e-9) {
        return 1;
    }
    const double t = std::numbers::pi * x;
    return std::abs(x) >= k_lobes ? 0 : k_lobes * std::sin(t) * std::sin(t / k_lobes) / (t * t);
}

/// The input samples an output sample is made of; beyond the edge the last one counts again.
struct Taps {
    int count = 0;                     ///< even
    std::vector<int> first;            ///< of each output sample; may lie outside
    std::vector<std::int16_t> weights; ///< `count` of each, the sum of which is k_one
};

Taps taps_for(int from, int to)
{
    const double ratio = static_cast<double>(from) / to;
    const double stretch = std::max(1.0, ratio);
    Taps taps;
    taps.count = (static_cast<int>(std::ceil(2 * k_lobes * stretch)) + 2) / 2 * 2;
    std::vector<double> exact(static_cast<std::size_t>(taps.count));
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * ratio - 0.5;
        const int first = static_cast<int>(std::ceil(centre - k_lobes * stretch));
        double sum = 0;
        for (int k = 0; k < taps.count; ++k) {
            sum += exact[static_cast<std::size_t>(k)] = lanczos((first + k - centre) / stretch);
        }
        int left = k_one;
        const std::size_t begin = taps.weights.size();
        for (const double weight : exact) {
            taps.weights.push_back(static_cast<std::int16_t>(std::lround(weight / sum * k_one)));
            left -= taps.weights.back();
        }
        *std::max_element(taps.weights.begin() + static_cast<std::ptrdiff_t>(begin), taps.weights.end()) +=
            static_cast<std::int16_t>(left);
        taps.first.push_back(first);
    }
    return taps;
}

/// One row of the new height: `out` holds 32-bit sums, scaled by k_one.
void sum_rows(const cv::Mat& picture, const Taps& taps, int y, std::vector<int>& out)
{
    const int length = picture.cols * picture.channels();
    const std::int16_t* weights = &taps.weights[static_cast<std::size_t>(y) * taps.count];
    std::vector<const uchar*> rows;
    for (int k = 0; k < taps.count; ++k) {
        rows.push_back(picture.ptr(std::clamp(taps.first[static_cast<std::size_t>(y)] + k, 0, picture.rows - 1)));
    }
    int x = 0;
    for (; x + 16 <= length; x += 16) { // the sums stay in registers
        std::array<cv::v_int32x4, 4> sums{cv::v_setzero_s32(), cv::v_setzero_s32(), cv::v_setzero_s32(),
                                          cv::v_setzero_s32()};
        for (int k = 0; k < taps.count; k += 2) {
            const cv::v_uint8x16 one = cv::v_load(rows[static_cast<std::size_t>(k)] + x);
            const cv::v_uint8x16 two = cv::v_load(rows[static_cast<std::size_t>(k) + 1] + x);
            const int both = static_cast<std::uint16_t>(weights[k]) | weights[k + 1] * 65536;
            const cv::v_int16x8 pair = cv::v_reinterpret_as_s16(cv::v_setall_s32(both));
            cv::v_uint8x16 low, high;
            cv::v_zip(one, two, low, high);
            cv::v_uint16x8 parts[4];
            cv::v_expand(low, parts[0], parts[1]);
            cv::v_expand(high, parts[2], parts[3]);
            for (std::size_t i = 0; i < 4; ++i) {
                sums[i] = cv::v_dotprod(cv::v_reinterpret_as_s16(parts[i]), pair, sums[i]);
            }
        }
        for (int i = 0; i < 4; ++i) {
            cv::v_store(&out[static_cast<std::size_t>(x + 4 * i)], sums[static_cast<std::size_t>(i)]);
        }
    }
    for (; x < length; ++x) {
        int sum = 0;
        for (int k = 0; k < taps.count; ++k) {
            sum += rows[static_cast<std::size_t>(k)][x] * weights[k];
        }
        out[static_cast<std::size_t>(x)] = sum;
    }
}

/// Sums of 3 or 4 channels as four floats a pixel, the edges repeated `margin` times.
void spread(const std::vector<int>& sums, int channels, int margin, std::vector<float>& out)
{
    const int columns = static_cast<int>(sums.size()) / channels;
    for (int x = -margin; x < columns + margin; ++x) {
        const int* in = &sums[static_cast<std::size_t>(std::clamp(x, 0, columns - 1)) * channels];
        float* to = &out[static_cast<std::size_t>(x + margin) * 4];
        for (int c = 0; c < channels; ++c) {
            to[c] = static_cast<float>(in[c]);
        }
    }
}

void sum_columns(const std::vector<float>& row, int margin, const Taps& taps, const std::vector<float>& weights,
                 int channels, uchar* out)
{
    const cv::v_float32x4 zero = cv::v_setzero_f32();
    const cv::v_float32x4 most = cv::v_setall_f32(255);
    for (std::size_t x = 0; x < taps.first.size(); ++x) {
        const float* in = &row[static_cast<std::size_t>(taps.first[x] + margin) * 4];
        const float* weight = &weights[x * taps.count];
        cv::v_float32x4 sum = zero;
        for (int k = 0; k < taps.count; ++k) {
            sum = cv::v_muladd(cv::v_load(in + 4 * k), cv::v_setall_f32(weight[k]), sum);
        }
        std::array<int, 4> rounded{};
        cv::v_store(rounded.data(), cv::v_round(cv::v_min(cv::v_max(sum, zero), most)));
        for (int c = 0; c < channels; ++c) {
            *out++ = static_cast<uchar>(rounded[static_cast<std::size_t>(c)]);
        }
    }
}

/// Averages whole pixels, as far as it leaves at least twice the size asked for.
cv::Mat averaged(const cv::Mat& picture, cv::Size to)
{
    const int across = picture.cols / (2 * to.width);
    const int down = picture.rows / (2 * to.height);
    if (across < 2 || down < 2) {
        return picture;
    }
    cv::Mat out;
    cv::resize(picture, out, {picture.cols / across, picture.rows / down}, 0, 0, cv::INTER_AREA);
    return out;
}

} // namespace

cv::Mat reduced(const cv::Mat& picture, cv::Size to)
{
    const cv::Mat source = averaged(picture, to);
    const int channels = source.channels();
    const Taps down = taps_for(source.rows, to.height);
    const Taps across = taps_for(source.cols, to.width);
    const std::vector<float> weights = [&] {
        constexpr float k_scale = 1.0F / k_one / k_one;
        std::vector<float> scaled;
        for (const std::int16_t weight : across.weights) {
            scaled.push_back(static_cast<float>(weight) * k_scale);
        }
        return scaled;
    }();
    cv::Mat out(to, source.type());
    cv::parallel_for_(cv::Range(0, to.height), [&](const cv::Range& rows) {
        std::vector<int> sums(static_cast<std::size_t>(source.cols) * channels);
        std::vector<float> row(static_cast<std::size_t>(source.cols + 2 * across.count) * 4);
        for (int y = rows.start; y < rows.end; ++y) {
            sum_rows(source, down, y, sums);
            spread(sums, channels, across.count, row);
            sum_columns(row, across.count, across, weights, channels, out.ptr(y));
        }
    });
    return out;
}

} // namespace longtake::stages::picture
