#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace longtake::image {

/// Y', Cb, Cr of BT.709, limited range, in code values of 8 bits (ITU-R BT.709-6, 3.3 and 3.4).
using Ycc = std::array<double, 3>;

/// Of 8-bit full-range R'G'B' at `rgb`.
inline Ycc ycc_of(const std::uint8_t* rgb)
{
    const double r = rgb[0] / 255.0;
    const double g = rgb[1] / 255.0;
    const double b = rgb[2] / 255.0;
    const double y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return {16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748};
}

/// The other way, rounded and clamped.
inline std::array<std::uint8_t, 3> rgb_of(const Ycc& ycc)
{
    const double y = (ycc[0] - 16) / 219;
    const double b = y + 1.8556 * (ycc[1] - 128) / 224;
    const double r = y + 1.5748 * (ycc[2] - 128) / 224;
    const double g = (y - 0.2126 * r - 0.0722 * b) / 0.7152;
    const auto code = [](double v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v * 255), 0L, 255L)); };
    return {code(r), code(g), code(b)};
}

/// Calls `work(pixel)` with each pixel's three bytes of an RGB picture, row by row.
template <class Picture, class Work>
void each_pixel(const Picture& rgb, Work&& work)
{
    for (int y = 0; y < rgb.size().height; ++y) {
        std::uint8_t* row = rgb.plane(0) + static_cast<std::ptrdiff_t>(y) * rgb.stride(0);
        for (int x = 0; x < rgb.size().width; ++x) {
            work(row + 3 * static_cast<std::ptrdiff_t>(x));
        }
    }
}

} // namespace longtake::image
