#pragma once

#include "pipeline/model/brand/overlay.h"
#include "pipeline/model/rgb.h"

#include <string>
#include <vector>

namespace longtake::render {

/// The share of its light that the scrim takes from a picture under text.
constexpr double k_scrim = 0.35;

/// The colours a style's text has where it stands: on the style's ground, or over a picture that may be white.
struct TextColours {
    Rgb ink, muted, accent;
    Rgb on_accent; ///< of the words on a button
    std::vector<std::string> notes{};

    const Rgb& named(const std::string& colour) const
    {
        return colour == "accent" ? accent : colour == "muted" ? muted : ink;
    }
};

/// Of two colours that of the style where it can be read: at least 4.5:1, 3:1 for the accent, which only large letters
/// have (WCAG 2.1, 1.4.3).
TextColours text_colours(const Style& style, bool on_ground);

} // namespace longtake::render
