#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace longtake::sandbox {

/// The web page at `/`: one document with nothing from outside, that shows `state` (Studio::state()) and fetches itself
/// again every second.
std::string page_html(const nlohmann::json& state);

} // namespace longtake::sandbox
