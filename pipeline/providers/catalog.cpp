#include "pipeline/providers/catalog.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/providers/local/local.h"

#include <map>

namespace longtake {
namespace {

using Factory = std::unique_ptr<Provider> (*)(const ProviderSettings&);

const std::map<std::string, Factory> k_providers = {
    {"local",
     [](const ProviderSettings&) -> std::unique_ptr<Provider> { return std::make_unique<local::LocalProvider>(); }},
};

} // namespace

std::unique_ptr<Provider> make_provider(const std::string& name, const ProviderSettings& settings)
{
    const auto found = k_providers.find(name);
    if (found == k_providers.end()) {
        throw Error(Errc::usage, "provider '" + name +
                                     "' cannot be used by this version; rehearse with \"provider\": "
                                     "\"local\" (or --provider local), which is free");
    }
    return found->second(settings);
}

std::vector<std::string> provider_names()
{
    std::vector<std::string> names;
    for (const auto& [name, factory] : k_providers) {
        names.push_back(name);
    }
    return names;
}

} // namespace longtake
