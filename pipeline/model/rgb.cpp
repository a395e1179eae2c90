#include "pipeline/model/rgb.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace longtake {
namespace {

/// sRGB's curve (IEC 61966-2-1) for all 256 values; WCAG's own text has a slip in the threshold that changes none.
std::array<double, 256> linear_light()
{
    std::array<double, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double value = static_cast<double>(i) / 255;
        table[i] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    }
    return table;
}

} // namespace

std::optional<Rgb> rgb_of(const std::string& text)
{
    const auto digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
    if (text.size() != 7 || text[0] != '#' || !std::all_of(text.begin() + 1, text.end(), digit)) {
        return std::nullopt;
    }
    const unsigned long rgb = std::stoul(text.substr(1), nullptr, 16);
    return Rgb{static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8),
               static_cast<std::uint8_t>(rgb)};
}

std::string text_of(const Rgb& colour)
{
    return fmt::format("#{:02x}{:02x}{:02x}", colour.r, colour.g, colour.b);
}

double relative_luminance(const Rgb& colour)
{
    static const std::array<double, 256> light = linear_light();
    return 0.2126 * light[colour.r] + 0.7152 * light[colour.g] + 0.0722 * light[colour.b];
}

double contrast_ratio(double luminance, double other)
{
    constexpr double k_flare = 0.05; // of the screen and the room
    return (std::max(luminance, other) + k_flare) / (std::min(luminance, other) + k_flare);
}

} // namespace longtake
