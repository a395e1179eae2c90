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
    std::optional<double> segments_gb;
    std::string ledger{}; ///< of many machines, and their store; the user's alone. Empty: not said
    std::string store{};
    std::chrono::milliseconds poll{5000};
    std::map<std::string, Service> services; ///< by provider, with the keys that are set
    ModelCatalog catalog;                    ///< as these services have it
    std::filesystem::path spending;          ///< `$XDG_STATE_HOME/longtake/spending.db`; empty without a home
};

/// Where a storyboard comes from, as configuration sees it.
struct Project {
    std::filesystem::path folder; ///< whose `longtake.json` counts
    std::string provider;         ///< that its storyboard uses
    bool trusted = false;         ///< the user agreed to all that is in the folder
};

/// Environment, then the project's `longtake.json`, then `$XDG_CONFIG_HOME/longtake/config.json`.
/// Throws Error(usage) naming the file and key that is wrong, and for what a project that is not trusted may not say of
/// the provider it uses (see project_config.h); what it says of others is left out with a warning.
Config load_config(const Project& project, const Session& session);

/// The same without a project: environment, then the user's own configuration.
Config load_config(const Session& session);

} // namespace longtake::app
