#pragma once

#include "pipeline/app/session.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace longtake::app {

/// What configuration files and the environment say; flags win over it.
struct Config {
    std::optional<int> jobs;
    std::optional<double> max_cost;
    std::chrono::milliseconds poll{5000};
};

/// Environment, then `longtake.json` in `beside`, then `$XDG_CONFIG_HOME/longtake/config.json`.
/// Throws Error(usage) naming the file and key that is wrong.
Config load_config(const std::filesystem::path& beside, const Session& session);

} // namespace longtake::app
