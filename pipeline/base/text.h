#pragma once

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
/// Letters beyond ASCII are kept. Never empty: falls back to "film".
std::string slug(std::string_view title);

/// "1:02.500" for 62.5; one decimal fewer where it is zero. For people.
std::string clock_text(double seconds);

} // namespace longtake
