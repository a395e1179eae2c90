#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longtake {

/// The candidate with the smallest edit distance to `name`, or empty if none is near enough to be a slip.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// "a, b, c"
std::string join(const std::vector<std::string>& words, std::string_view separator = ", ");

/// "unknown preset 'youtub/1080p30'; did you mean 'youtube/1080p30'? known: ..." The list is left out when long.
std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& known);

/// A file-name part: lower-case letters, digits and dashes ("Morning coffee!" -> "morning-coffee").
/// Letters beyond ASCII are kept, control characters are not. Never empty: falls back to "film".
std::string slug(std::string_view title);

/// A decimal number such as "12.50", "-3" or "1e3", the whole text: finite, no spaces, no "0x1F", "nan" or "inf".
/// Empty for anything else, and for what a double cannot hold ("1e999").
std::optional<double> decimal_number(std::string_view text);

/// Whether a text for people may have several lines.
enum class Lines { one, several };

/// The text with every character that would steer a terminal written as "\u001b": C0 (but the tab, and line feeds where
/// there may be several lines), DEL, C1, marks and overrides of writing direction, separators of lines and paragraphs.
/// In a line of JSON the result is JSON of the same value.
std::string visible(std::string_view text, Lines lines);

/// The start of a text, at most so many bytes, not cut inside a letter: accents, joined emoji and flags stay whole.
std::string cut_between_letters(std::string_view text, std::size_t bytes);

/// "1:02.500" for 62.5; one decimal fewer where it is zero. For people.
std::string clock_text(double seconds);

} // namespace longtake
