#pragma once

#include "pipeline/model/models.h"
#include "pipeline/model/preset.h"
#include "pipeline/providers/provider.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace longtake {

/// How a provider is reached and used: configuration and environment over the catalog's facts.
struct Service {
    std::map<std::string, std::string> keys; ///< by environment variable
    std::string base_url;                    ///< empty: the catalog's
    std::string shape;                       ///< newapi: "vanilla", "passthrough"; empty: told by its replies
    std::optional<int> concurrency;
    std::chrono::milliseconds submit_timeout{120'000};
    std::chrono::milliseconds task_timeout{3'600'000};
    std::chrono::milliseconds reconcile{60'000};
    std::optional<double> daily_cap; ///< USD
    nlohmann::json prices;           ///< model -> mode -> USD a second; null: the catalog's
};

/// Tells the catalog what these services have: their own prices, what a pass-through gateway can do besides.
/// Throws Error(usage) for a price or a shape that cannot be.
void set_services(ModelCatalog& catalog, const std::map<std::string, Service>& services);

/// What all films of one user on one machine share: services, prices, limits, and the book their spending is kept in.
struct Account {
    ModelCatalog catalog;                    ///< as `services` have it
    std::map<std::string, Service> services; ///< what configuration and environment say, by provider
    PresetDirs preset_dirs;                  ///< of the delivery presets
    std::filesystem::path spending;          ///< the file all runs count their spending in; empty: nowhere
    std::chrono::milliseconds poll{5000};    ///< between two looks at a task, at first
    std::string rehearsal_account;           ///< of a sandbox that is gone with the program; empty: none

    Service service(const std::string& provider) const;

    /// Reached with this account's keys and address. `offline`: nothing is asked of it, so that keys may be missing.
    /// Throws Error(credentials) where a key is missing.
    std::unique_ptr<Provider> provider(const std::string& name, bool offline) const;
};

} // namespace longtake
