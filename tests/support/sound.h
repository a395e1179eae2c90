#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numbers>
#include <span>
#include <string>
#include <vector>

namespace longtake::test {

/// Interleaved stereo at 48 kHz: the same `value(n)` on both channels, n counted from `first`.
inline std::vector<float> sound(std::size_t samples, const std::function<double(double)>& value, std::int64_t first = 0)
{
    std::vector<float> stereo;
    for (std::size_t n = 0; n < samples; ++n) {
        const auto x = static_cast<float>(value(static_cast<double>(first) + static_cast<double>(n)));
        stereo.insert(stereo.end(), {x, x});
    }
    return stereo;
}

/// A sine of `hz`, in phase with sample 0.
inline std::function<double(double)> sine(double hz, double amplitude)
{
    return [=](double n) { return amplitude * std::sin(2 * std::numbers::pi * hz * n / 48000); };
}

/// Writes interleaved stereo as 32-bit float WAV at 48 kHz.
inline std::filesystem::path write_wav(const std::filesystem::path& file, std::span<const float> stereo)
{
    std::ofstream out(file, std::ios::binary);
    const auto number = [&](std::uint32_t value, std::streamsize bytes) {
        out.write(reinterpret_cast<const char*>(&value), bytes); // little endian, as this program's only targets are
    };
    const auto bytes = static_cast<std::uint32_t>(stereo.size_bytes());
    out << "RIFF";
    number(36 + bytes, 4);
    out << "WAVEfmt ";
    number(16, 4);
    number(3, 2); // IEEE float
    number(2, 2);
    number(48000, 4);
    number(48000 * 8, 4);
    number(8, 2);
    number(32, 2);
    out << "data";
    number(bytes, 4);
    out.write(reinterpret_cast<const char*>(stereo.data()), bytes);
    return file;
}

/// Root mean square of the samples [from, to) of both channels.
inline double rms(std::span<const float> stereo, std::size_t from, std::size_t to)
{
    double sum = 0;
    for (std::size_t i = 2 * from; i < 2 * to; ++i) {
        sum += static_cast<double>(stereo[i]) * stereo[i];
    }
    return std::sqrt(sum / static_cast<double>(2 * (to - from)));
}

inline double decibels(double ratio)
{
    return 20 * std::log10(ratio);
}

/// What a tone left over: the largest RMS, over windows of 10 ms, of what remains after the best-fitting sine of
/// `hz` is taken away, relative to that of a full-scale sine. Left channel. A click, a dip or a phase jump shows.
inline double worst_residual(std::span<const float> stereo, double hz, std::size_t from, std::size_t to)
{
    constexpr std::size_t window = 480;
    double worst = 0;
    for (std::size_t start = from; start + window <= to; start += window / 4) {
        double ss = 0;
        double sc = 0;
        double cc = 0;
        double xs = 0;
        double xc = 0;
        double xx = 0;
        for (std::size_t n = start; n < start + window; ++n) {
            const double angle = 2 * std::numbers::pi * hz * static_cast<double>(n) / 48000;
            const double s = std::sin(angle);
            const double c = std::cos(angle);
            const double x = stereo[2 * n];
            ss += s * s;
            sc += s * c;
            cc += c * c;
            xs += x * s;
            xc += x * c;
            xx += x * x;
        }
        const double determinant = ss * cc - sc * sc;
        const double a = (xs * cc - xc * sc) / determinant;
        const double b = (xc * ss - xs * sc) / determinant;
        const double left = xx - a * xs - b * xc;
        worst = std::max(worst, std::sqrt(std::max(0.0, left) / window * 2));
    }
    return worst;
}

} // namespace longtake::test
