#include "stages/plan/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

namespace longtake::stages {
namespace {

/// What could make the shot instead, the better the smaller.
using Rank = std::tuple<bool, bool, bool, double, std::string, std::string, std::string>;

void offer(const ModelChoice& choice, const ModelCatalog& catalog, const ProviderFacts& seller, AlsoCan also,
           std::optional<Rank>& best)
{
    for (const auto& [name, model] : catalog.models) {
        for (const std::string& mode : model.modes) {
            const ModelChoice other{choice.shot, seller, model, mode};
            if (!seller.sells(name) || refusal(other) || (also != nullptr && !also(seller, model, mode))) {
                continue;
            }
            const double price = catalog.price(seller, model, mode).value_or(model.list_price(mode).value_or(1e6));
            const Rank rank{
                name != choice.model.name, mode != choice.mode, !seller.list_price, price, seller.name, name, mode};
            best = best ? std::min(*best, rank) : rank;
        }
    }
}

} // namespace

std::string one_that_can(const ModelChoice& choice, const ModelCatalog& catalog, AlsoCan also)
{
    std::optional<Rank> best;
    offer(choice, catalog, choice.provider, also, best);
    const bool elsewhere = !best;
    for (const auto& [name, seller] : catalog.providers) {
        if (elsewhere && seller.paid && name != choice.provider.name) {
            offer(choice, catalog, seller, also, best);
        }
    }
    if (!best) {
        return {};
    }
    const auto& [other_model, other_mode, reseller, price, seller, name, mode] = *best;
    const std::string in_mode = other_mode ? " in mode " + mode : "";
    if (!elsewhere) {
        return fmt::format("{} can{}", name, in_mode);
    }
    return fmt::format("provider {} can{}{}", seller, other_model ? " with " + name : "", in_mode);
}

} // namespace longtake::stages
