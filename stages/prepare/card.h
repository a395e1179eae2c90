#pragma once

#include "pipeline/model/still.h"
#include "pipeline/model/storyboard.h"

#include <array>
#include <filesystem>

namespace longtake::stages {

/// Where text may stand, relative to the picture's sides.
struct TextBox {
    double left = 0.1, right = 0.9;
    double top = 0.1, bottom = 0.9;

    std::array<double, 4> list() const { return {left, right, top, bottom}; }
};

/// Draws a card at the film's size and stores it as PNG under its content's hash in `stills`.
/// Throws Error(usage) for a bad colour, Error(input) for a text that cannot be made to fit.
Still prepare_card(const Card& card, Size size, const TextBox& box, const std::filesystem::path& stills);

} // namespace longtake::stages
