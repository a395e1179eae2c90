#pragma once

#include <string>

namespace longtake::sandbox {

/// The web page at `/`: one document without anything from outside, which reads `/sandbox/state` every second.
std::string page_html();

} // namespace longtake::sandbox
