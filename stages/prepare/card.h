#pragma once

#include "pipeline/av/text/text.h"
#include "pipeline/model/canvas.h"
#include "pipeline/model/still.h"
#include "pipeline/model/storyboard.h"

#include <filesystem>

namespace longtake::stages {

/// A card's text as it will stand, without drawing it: what the plan says of it is what will be drawn. Its notes are
/// av::set_text()'s, and one if the text's colour is too near its background's (WCAG 2.1, 1.4.3: a contrast of 4.5:1,
/// for large letters 3:1). Throws Error(usage) for a bad colour, Error(input) for a text that cannot be made to fit.
av::SetText set_card(const Card& card, Size size, const SafeBox& box);

/// Draws a card at the film's size and stores it as PNG under its content's hash in `stills`; its warnings are
/// set_card()'s notes. Throws as set_card().
Still prepare_card(const Card& card, Size size, const SafeBox& box, const std::filesystem::path& stills);

/// The ground of a styled card, without its text: the style's colour, or that and 6 % of lightness (CIE L*) more above
/// and less below. Stored as prepare_card() does.
Still prepare_ground(const Style& style, Size size, const std::filesystem::path& stills);

} // namespace longtake::stages
