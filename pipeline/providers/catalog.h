#pragma once

#include "pipeline/providers/provider.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace longtake {

/// What a provider is given when it is made.
struct ProviderSettings {
    std::filesystem::path workdir; ///< for a provider that keeps something of its own
};

/// Makes the provider of a name. The table behind it is the only place that lists them.
/// Throws Error(usage) for a name that has no implementation in this version.
std::unique_ptr<Provider> make_provider(const std::string& name, const ProviderSettings& settings);

/// The names make_provider knows.
std::vector<std::string> provider_names();

} // namespace longtake
