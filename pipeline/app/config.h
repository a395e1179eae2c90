#pragma once

#include "pipeline/app/session.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace longtake::app {

/// What configuration files and the environment say; flags win over it.
struct Config {
    std::optional<int> jobs;
    std::optional<double> max_cost;
    std::chrono::milliseconds poll{5000};
    std::map<std::string, Service> services; ///< by provider, with the keys that are set
    ModelCatalog catalog;                    ///< as these services have it
    std::filesystem::path spending;          ///< `$XDG_STATE_HOME/longtake/spending.db`; empty without a home
};

/// Environment, then `longtake.json` in `beside`, then `$XDG_CONFIG_HOME/longtake/config.json`.
/// Throws Error(usage) naming the file and key that is wrong.
Config load_config(const std::filesystem::path& beside, const Session& session);

} // namespace longtake::app
