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
#include <utility>

namespace longtake {
namespace {

template <class Dialect>
std::unique_ptr<Provider> make(const ProviderSettings& settings)
{
    return std::make_unique<Dialect>(settings);
}

std::map<std::string, ProviderFactory>& providers()
{
    static std::map<std::string, ProviderFactory> k_providers = {
        {"local", [](const ProviderSettings&) { return std::make_unique<local::LocalProvider>(); }},
        {"kling", make<remote::KlingProvider>},
        {"newapi", make<remote::NewapiProvider>},
        {"dmxapi", make<remote::DmxapiProvider>},
        {"wavespeed", make<remote::WavespeedProvider>},
        {"302ai", make<remote::Ai302Provider>},
    };
    return k_providers;
}

} // namespace

void add_provider(const std::string& name, ProviderFactory factory)
{
    providers()[name] = std::move(factory);
}

std::unique_ptr<Provider> make_provider(const std::string& name, const ProviderSettings& settings)
{
    const auto found = providers().find(name);
    if (found == providers().end()) {
        throw Error(Errc::usage, unknown_name("provider", name, provider_names()));
    }
    return found->second(settings);
}

std::vector<std::string> provider_names()
{
    std::vector<std::string> names;
    for (const auto& [name, factory] : providers()) {
        names.push_back(name);
    }
    return names;
}

} // namespace longtake
