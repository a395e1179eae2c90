#pragma once

#include "stages/plan/abilities.h"
#include "stages/plan/takes.h"

#include <optional>
#include <string>

namespace longtake::stages {

/// USD for a shot's take, whose opening is made from so many seconds of film; empty if the price is unknown.
std::optional<double> take_cost(const ModelChoice& choice, const ModelCatalog& catalog, const TakePiece& piece,
                                double film_seconds);

/// Which price is missing, and where the user puts it: "the price of kling-v1-6 in mode std on newapi is not known; set
/// providers.newapi.prices ...".
std::string unknown_take_price(const ModelChoice& choice);
std::string unknown_lip_sync_price(const ProviderFacts& provider);

} // namespace longtake::stages
