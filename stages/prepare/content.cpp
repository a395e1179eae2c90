#include "stages/prepare/content.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace longtake::stages::picture {
namespace {

/// The largest difference of two pixels in a channel.
int step_between(const uchar* a, const uchar* b, int channels)
{
    int step = 0;
    for (int c = 0; c < channels; ++c) {
        step = std::max(step, std::abs(a[c] - b[c]));
    }
    return step;
}

} // namespace

Content content_of(const cv::Mat& pixels)
{
    constexpr int k_grid = 256;        // places looked at, each way
    constexpr int k_gradient_step = 2; // of a slow gradient, dithered or not
    constexpr int k_small_step = 16;   // of 255: noise, texture and shading; edges of a graphic are steeper
    constexpr double k_flat = 0.9;
    const int channels = pixels.channels();
    int seen = 0, same = 0, little = 0, clear = 0;
    for (int j = 0; j < std::min(k_grid, pixels.rows - 1); ++j) {
        const int y = static_cast<int>(std::int64_t{j} * (pixels.rows - 1) / std::min(k_grid, pixels.rows - 1));
        const uchar* row = pixels.ptr(y);
        const uchar* next = pixels.ptr(y + 1);
        for (int i = 0; i < std::min(k_grid, pixels.cols - 1); ++i) {
            const int x = static_cast<int>(std::int64_t{i} * (pixels.cols - 1) / std::min(k_grid, pixels.cols - 1));
            const uchar* pixel = row + static_cast<std::ptrdiff_t>(x) * channels;
            for (const uchar* other : {pixel + channels, next + static_cast<std::ptrdiff_t>(x) * channels}) {
                const int step = step_between(pixel, other, channels);
                ++seen;
                same += step == 0 ? 1 : 0;
                clear += step > k_small_step ? 1 : 0;
                little += step > k_gradient_step && step <= k_small_step ? 1 : 0;
            }
        }
    }
    return 2 * little <= clear || same >= k_flat * seen ? Content::graphic : Content::photograph;
}

} // namespace longtake::stages::picture
