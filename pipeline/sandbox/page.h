#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace longtake::sandbox {

/// The web page at `/`: one document with nothing from outside, that shows `state` (ServiceState::state()) and what
/// programs need for each service (environment variables with their values), and fetches itself again every second.
std::string page_html(const nlohmann::json& state,
                      const std::map<std::string, std::map<std::string, std::string>>& services);

} // namespace longtake::sandbox
