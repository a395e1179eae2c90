#include "stages/extend/look.h"

#include <algorithm>
#include <cmath>

namespace longtake::stages {
namespace {

constexpr double k_unseen = 0.5; ///< CIEDE2000
constexpr double k_flat = 2;     ///< code values: deviations below are noise more than picture

using Ycc = std::array<double, 3>;

Ycc ycc_of(const std::uint8_t* rgb)
{
    const double r = rgb[0] / 255.0;
    const double g = rgb[1] / 255.0;
    const double b = rgb[2] / 255.0;
    const double y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return {16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748};
}

void store_rgb(const Ycc& ycc, std::uint8_t* rgb)
{
    const double y = (ycc[0] - 16) / 219;
    const double b = y + 1.8556 * (ycc[1] - 128) / 224;
    const double r = y + 1.5748 * (ycc[2] - 128) / 224;
    const double g = (y - 0.2126 * r - 0.0722 * b) / 0.7152;
    const auto code = [](double v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v * 255), 0L, 255L)); };
    rgb[0] = code(r);
    rgb[1] = code(g);
    rgb[2] = code(b);
}

template <class Work>
void each_pixel(const av::Frame& rgb, Work&& work)
{
    for (int y = 0; y < rgb.size().height; ++y) {
        std::uint8_t* row = rgb.plane(0) + static_cast<std::ptrdiff_t>(y) * rgb.stride(0);
        for (int x = 0; x < rgb.size().width; ++x) {
            work(row + 3 * static_cast<std::ptrdiff_t>(x));
        }
    }
}

std::array<av::Lab, 5> bands_of(std::vector<std::pair<double, av::Lab>>& pixels)
{
    std::stable_sort(pixels.begin(), pixels.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::array<av::Lab, 5> bands;
    for (std::size_t band = 0; band < bands.size(); ++band) {
        const std::size_t from = pixels.size() * band / bands.size();
        const std::size_t to = std::max(from + 1, pixels.size() * (band + 1) / bands.size());
        av::Lab& mean = bands[band];
        for (std::size_t i = from; i < std::min(to, pixels.size()); ++i) {
            const double weight = 1.0 / static_cast<double>(to - from);
            mean.l += weight * pixels[i].second.l;
            mean.a += weight * pixels[i].second.a;
            mean.b += weight * pixels[i].second.b;
        }
    }
    return bands;
}

/// So many decimals that nobody sees the rest, and no more: the same grade everywhere.
double rounded(double value, double steps)
{
    return std::round(value * steps) / steps;
}

} // namespace

Look look_of(const av::Frame& rgb)
{
    Look look;
    std::vector<std::pair<double, av::Lab>> pixels;
    pixels.reserve(static_cast<std::size_t>(rgb.size().width) * static_cast<std::size_t>(rgb.size().height));
    Ycc squares{};
    each_pixel(rgb, [&](const std::uint8_t* p) {
        const Ycc ycc = ycc_of(p);
        for (std::size_t i = 0; i < 3; ++i) {
            look.mean[i] += ycc[i];
            squares[i] += ycc[i] * ycc[i];
        }
        pixels.emplace_back(ycc[0], av::lab_of(p[0], p[1], p[2]));
    });
    const auto count = static_cast<double>(pixels.size());
    for (std::size_t i = 0; i < 3; ++i) {
        look.mean[i] /= count;
        look.deviation[i] = std::sqrt(std::max(0.0, squares[i] / count - look.mean[i] * look.mean[i]));
    }
    look.bands = bands_of(pixels);
    return look;
}

double difference(const Look& one, const Look& two)
{
    double sum = 0;
    for (std::size_t i = 0; i < one.bands.size(); ++i) {
        sum += av::delta_e(one.bands[i], two.bands[i]);
    }
    return sum / static_cast<double>(one.bands.size());
}

av::Frame graded_picture(const av::Frame& rgb, const Grade& grade)
{
    if (grade == Grade{}) {
        return rgb.share();
    }
    av::Frame out = av::Frame::rgb(rgb.size());
    const std::ptrdiff_t width = 3 * static_cast<std::ptrdiff_t>(rgb.size().width);
    for (int y = 0; y < rgb.size().height; ++y) {
        const std::uint8_t* from = rgb.plane(0) + static_cast<std::ptrdiff_t>(y) * rgb.stride(0);
        std::copy(from, from + width, out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0));
    }
    each_pixel(out, [&](std::uint8_t* p) {
        Ycc ycc = ycc_of(p);
        for (std::size_t i = 0; i < 3; ++i) {
            const double pivot = i == 0 ? 16 : 128;
            ycc[i] = (ycc[i] - pivot) * grade.gain[i] + pivot + grade.offset[i];
        }
        store_rgb(ycc, p);
    });
    return out;
}

Grade transfer(const Look& from, const Look& to, const GradeLimits& limits)
{
    Grade grade;
    for (std::size_t i = 0; i < 3; ++i) {
        const double pivot = i == 0 ? 16 : 128;
        const double gain =
            std::clamp((to.deviation[i] + k_flat) / (from.deviation[i] + k_flat), 1 / limits.gain, limits.gain);
        const double mean = from.mean[i] + std::clamp(to.mean[i] - from.mean[i], -limits.shift, limits.shift);
        grade.gain[i] = rounded(gain, 10000);
        grade.offset[i] = rounded(mean - pivot - gain * (from.mean[i] - pivot), 100);
    }
    return grade;
}

Grade chained(const Grade& first, const Grade& second)
{
    Grade both;
    for (std::size_t i = 0; i < 3; ++i) {
        both.gain[i] = second.gain[i] * first.gain[i];
        both.offset[i] = second.gain[i] * first.offset[i] + second.offset[i];
    }
    return both;
}

Grade inverse(const Grade& grade)
{
    Grade back;
    for (std::size_t i = 0; i < 3; ++i) {
        back.gain[i] = 1 / grade.gain[i];
        back.offset[i] = -grade.offset[i] / grade.gain[i];
    }
    return back;
}

Grade grade_toward(const av::Frame& rgb, const Look& to, const GradeLimits& limits)
{
    const Look from = look_of(rgb);
    const double apart = difference(from, to);
    if (apart < k_unseen) {
        return {};
    }
    const Grade grade = transfer(from, to, limits);
    return difference(look_of(graded_picture(rgb, grade)), to) < apart ? grade : Grade{};
}

} // namespace longtake::stages
