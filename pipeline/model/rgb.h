#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace longtake {

/// An sRGB colour of 8 bits.
struct Rgb {
    std::uint8_t r = 0, g = 0, b = 0;

    friend bool operator==(const Rgb&, const Rgb&) = default;
};

/// Of "#rrggbb"; empty for anything else.
std::optional<Rgb> rgb_of(const std::string& text);

/// "#rrggbb"
std::string text_of(const Rgb& colour);

/// 0 black to 1 white, linear in light: WCAG 2.1's "relative luminance".
double relative_luminance(const Rgb& colour);

/// 1 (the same) to 21 (black and white), of two relative luminances: WCAG 2.1's "contrast ratio".
double contrast_ratio(double luminance, double other);

} // namespace longtake
