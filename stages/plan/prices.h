#pragma once

#include "stages/plan/abilities.h"

#include <optional>
#include <string>

namespace longtake::stages {

/// USD for a take of so many seconds; empty if the price is unknown.
std::optional<double> take_cost(const Casting& casting, const ModelCatalog& catalog, double seconds);

/// Which price is missing, and where the user puts it: "the price of kling-v1-6 in mode std on newapi is not known; set
/// providers.newapi.prices ...".
std::string unknown_take_price(const Casting& casting);
std::string unknown_lip_sync_price(const ProviderFacts& provider);

} // namespace longtake::stages
