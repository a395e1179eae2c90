#include "pipeline/image/delta_e.h"

#include <array>
#include <cmath>
#include <numbers>

namespace longtake::image {
namespace {

constexpr double k_pi = std::numbers::pi;

std::array<double, 256> linear_light()
{
    std::array<double, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double v = static_cast<double>(i) / 255;
        table[i] = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    }
    return table;
}

double lab_root(double t)
{
    constexpr double k_epsilon = 216.0 / 24389;
    constexpr double k_kappa = 24389.0 / 27;
    return t > k_epsilon ? std::cbrt(t) : (k_kappa * t + 16) / 116;
}

double sin_of(double degrees)
{
    return std::sin(degrees * k_pi / 180);
}

double cos_of(double degrees)
{
    return std::cos(degrees * k_pi / 180);
}

/// Degrees from 0 to 360; 0 for a colour without hue.
double hue(double a, double b)
{
    if (a == 0 && b == 0) {
        return 0;
    }
    const double degrees = std::atan2(b, a) * 180 / k_pi;
    return degrees < 0 ? degrees + 360 : degrees;
}

/// c^7 / (c^7 + 25^7), the root: how chromatic a colour is, from 0 to 1.
double chromatic(double c)
{
    const double seventh = std::pow(c, 7);
    return std::sqrt(seventh / (seventh + 6103515625.0));
}

double hue_difference(double from, double to)
{
    const double difference = to - from;
    return difference > 180 ? difference - 360 : difference < -180 ? difference + 360 : difference;
}

double hue_mean(double one, double two)
{
    const double sum = one + two;
    if (std::abs(one - two) <= 180) {
        return sum / 2;
    }
    return sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
}

} // namespace

Lab lab_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue)
{
    static const std::array<double, 256> linear = linear_light();
    const double r = linear[red];
    const double g = linear[green];
    const double b = linear[blue];
    const double x = lab_root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    const double y = lab_root(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
    const double z = lab_root((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double delta_e(const Lab& one, const Lab& two)
{
    const double c_mean = (std::hypot(one.a, one.b) + std::hypot(two.a, two.b)) / 2;
    const double stretch = 1 + 0.5 * (1 - chromatic(c_mean));
    const double a1 = one.a * stretch;
    const double a2 = two.a * stretch;
    const double c1 = std::hypot(a1, one.b);
    const double c2 = std::hypot(a2, two.b);
    const double h1 = hue(a1, one.b);
    const double h2 = hue(a2, two.b);
    const bool grey = c1 * c2 == 0;

    const double dl = two.l - one.l;
    const double dc = c2 - c1;
    const double dh = grey ? 0 : 2 * std::sqrt(c1 * c2) * sin_of(hue_difference(h1, h2) / 2);

    const double l = (one.l + two.l) / 2;
    const double c = (c1 + c2) / 2;
    const double h = grey ? h1 + h2 : hue_mean(h1, h2);
    const double t =
        1 - 0.17 * cos_of(h - 30) + 0.24 * cos_of(2 * h) + 0.32 * cos_of(3 * h + 6) - 0.20 * cos_of(4 * h - 63);
    const double l50 = (l - 50) * (l - 50);
    const double sl = 1 + 0.015 * l50 / std::sqrt(20 + l50);
    const double sc = 1 + 0.045 * c;
    const double sh = 1 + 0.015 * c * t;
    const double turn = 30 * std::exp(-((h - 275) / 25) * ((h - 275) / 25));
    const double rt = -2 * chromatic(c) * sin_of(2 * turn);
    const double x = dc / sc;
    const double y = dh / sh;
    return std::sqrt((dl / sl) * (dl / sl) + x * x + y * y + rt * x * y);
}

} // namespace longtake::image
