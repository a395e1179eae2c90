#pragma once

#include <string>
#include <string_view>

namespace longtake::remote {

/// Why what begins with these bytes is no footage: neither MP4 or QuickTime nor Matroska or WebM. Empty: it is. What a
/// server calls it does not count: some call a film text, others a page a film.
std::string why_no_footage(std::string_view head);

} // namespace longtake::remote
