#pragma once

#include "pipeline/model/models.h"
#include "pipeline/providers/provider.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace longtake {

/// What a provider is given when it is made.
struct ProviderSettings {
    ProviderFacts facts;                     ///< routes, slugs, addresses
    std::map<std::string, std::string> keys; ///< by environment variable, those that are set
    std::string base_url;                    ///< overrides the facts' own
    std::string shape;                       ///< newapi: "vanilla", "passthrough" or empty
    std::chrono::milliseconds submit_timeout{120'000};
    /// Made only to compute shape(): neither keys nor an address are asked for, and nothing can be sent.
    bool offline = false;
};

/// Makes a provider that has a dialect of its own.
using ProviderFactory = std::function<std::unique_ptr<Provider>(const ProviderSettings&)>;

/// Adds a dialect to those that are built in, or puts it in the place of one: for gateways that live outside of the
/// library. What it sells is a file of the catalog (presets/models). Not safe beside make_provider().
void add_provider(const std::string& name, ProviderFactory factory);

/// Makes the provider of a name. The table behind it is the only place that lists them.
/// Throws Error(usage) for an unknown name or an address that is missing or unusable, Error(credentials) without a key.
std::unique_ptr<Provider> make_provider(const std::string& name, const ProviderSettings& settings);

/// The names make_provider knows.
std::vector<std::string> provider_names();

} // namespace longtake
