#pragma once

#include "pipeline/model/rate.h"

#include <cstdint>
#include <string>
#include <vector>

namespace longtake::av {

/// 8-bit RGB, rows packed, sRGB.
struct Picture {
    Size size;
    std::vector<std::uint8_t> rgb; ///< 3 * width * height
};

/// A paragraph centred in a box of the picture.
struct TextStyle {
    std::string font = "Noto Sans"; ///< family; libass falls back through fontconfig for missing glyphs
    std::string colour = "#ffffff"; ///< "#rrggbb"
    double height = 0.085;          ///< of a line, relative to the picture's shorter side, before shrinking to fit
    double left = 0.1, right = 0.9; ///< the box the text stays inside, relative to the width
    double top = 0.1, bottom = 0.9; ///< relative to the height
};

/// Draws UTF-8 `text` onto `picture`: shaped (HarfBuzz), bidirectional and wrapped by libass, line breaks kept,
/// centred in the box and shrunk until it fits it. Nothing in the text is taken for markup.
/// Returns a warning for every letter that no installed font has (a box is drawn in its place).
/// Throws Error(input) if it cannot be made to fit at 2 % of the shorter side, Error(usage) for a bad colour.
std::vector<std::string> draw_text(Picture& picture, const std::string& text, const TextStyle& style);

/// A picture in one colour, "#rrggbb".
Picture plain_picture(Size size, const std::string& colour);

} // namespace longtake::av
