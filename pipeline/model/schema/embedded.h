#pragma once

#include <string_view>

namespace longtake {

/// The text of a file compiled into the program by cmake/embed.cmake, by its name without extensions
/// ("storyboard" for presets/schemas/storyboard.schema.json); empty if there is none of that name.
std::string_view embedded(std::string_view name) noexcept;

} // namespace longtake
