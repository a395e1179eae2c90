#pragma once

#include "pipeline/model/models.h"
#include "pipeline/providers/provider.h"

#include <chrono>
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

/// Makes the provider of a name. The table behind it is the only place that lists them.
/// Throws Error(usage) for an unknown name or an address that is missing or unusable, Error(credentials) without a key.
std::unique_ptr<Provider> make_provider(const std::string& name, const ProviderSettings& settings);

/// The names make_provider knows.
std::vector<std::string> provider_names();

} // namespace longtake
