#include "pipeline/flow/account.h"

#include "pipeline/providers/catalog.h"

namespace longtake {

void set_services(ModelCatalog& catalog, const std::map<std::string, Service>& services)
{
    for (const auto& [name, service] : services) {
        const auto found = catalog.providers.find(name);
        if (found == catalog.providers.end()) {
            continue;
        }
        ProviderFacts& facts = found->second;
        if (!service.prices.is_null()) {
            set_prices(facts, service.prices, "providers." + name + ".prices");
        }
        set_shape(facts, service.shape);
        facts.concurrency = service.concurrency.value_or(facts.concurrency);
    }
}

Service Account::service(const std::string& provider) const
{
    const auto found = services.find(provider);
    return found == services.end() ? Service{} : found->second;
}

std::unique_ptr<Provider> Account::provider(const std::string& name, bool offline) const
{
    const Service how = service(name);
    ProviderSettings of;
    of.facts = catalog.provider(name);
    of.keys = how.keys;
    of.base_url = how.base_url;
    of.shape = how.shape;
    of.submit_timeout = how.submit_timeout;
    of.offline = offline;
    return make_provider(name, of);
}

} // namespace longtake
