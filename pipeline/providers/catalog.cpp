#include "pipeline/providers/catalog.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/providers/dialects/ai302.h"
#include "pipeline/providers/dialects/dmxapi.h"
#include "pipeline/providers/dialects/kling.h"
#include "pipeline/providers/dialects/newapi.h"
#include "pipeline/providers/dialects/wavespeed.h"
#include "pipeline/providers/local/local.h"

#include <map>

namespace longtake {
namespace {

using Factory = std::unique_ptr<Provider> (*)(const ProviderSettings&);

template <class Dialect>
std::unique_ptr<Provider> make(const ProviderSettings& settings)
{
    return std::make_unique<Dialect>(settings);
}

const std::map<std::string, Factory> k_providers = {
    {"local",
     [](const ProviderSettings&) -> std::unique_ptr<Provider> { return std::make_unique<local::LocalProvider>(); }},
    {"kling", make<remote::KlingProvider>},
    {"newapi", make<remote::NewapiProvider>},
    {"dmxapi", make<remote::DmxapiProvider>},
    {"wavespeed", make<remote::WavespeedProvider>},
    {"302ai", make<remote::Ai302Provider>},
};

} // namespace

std::unique_ptr<Provider> make_provider(const std::string& name, const ProviderSettings& settings)
{
    const auto found = k_providers.find(name);
    if (found == k_providers.end()) {
        throw Error(Errc::usage, unknown_name("provider", name, provider_names()));
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
