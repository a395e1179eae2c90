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
    std::string font = "Noto Sans"; ///< family; what it lacks comes from other fonts that are installed
    std::string colour = "#ffffff"; ///< "#rrggbb"
    double height = 0.085;          ///< of a line, relative to the picture's shorter side, before shrinking to fit
    double left = 0.1, right = 0.9; ///< the box the text stays inside, relative to the width
    double top = 0.1, bottom = 0.9; ///< relative to the height
};

/// Text as it will stand.
struct SetText {
    std::vector<std::string> lines; ///< as they are broken, in the order they are read, without the blanks at breaks
    double em = 0;                  ///< size of the letters, pixels
    std::vector<std::string> notes; ///< letters, fonts and a size that are not as they were meant
};

/// What letters are smaller than is hard to read, as a share of the picture's height: 24 pixels of 1080.
inline constexpr double k_legible = 0.022;

/// Sets UTF-8 `text` into its box of a picture of this size without drawing it: shaped and bidirectional (Pango), in
/// lines of even length, shrunk until it fits. Lines break where Unicode says (UAX #14, strict for Chinese and
/// Japanese) and ICU's dictionaries find a word's or phrase's end; a word or an address only if it would not fit at 60
/// % of the height asked for, an address after its marks first. CR, CRLF, VT, FF, NEL, LS and PS break lines, as LF
/// does. Nothing in the text is taken for markup; what is no UTF-8 becomes U+FFFD, other control characters nothing.
/// Notes: letters no font has (drawn as boxes), a font that is not installed, words set from two fonts, letters smaller
/// than k_legible. Safe from several threads.
/// Throws Error(input) if it cannot be made to fit with lines of 2 % of the shorter side, or there is no font at all;
/// Error(usage) for a bad box.
SetText set_text(Size picture, const std::string& text, const TextStyle& style);

/// Draws the text onto `picture` as set_text() sets it, and returns its notes. Throws Error(usage) for a bad colour,
/// too.
std::vector<std::string> draw_text(Picture& picture, const std::string& text, const TextStyle& style);

/// A picture in one colour, "#rrggbb".
Picture plain_picture(Size size, const std::string& colour);

} // namespace longtake::av
