#pragma once

#include "pipeline/model/models.h"
#include "pipeline/providers/dialects/wavespeed.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace longtake::remote::wavespeed {

/// What the service says it would charge.
struct Quote {
    std::optional<double> price;      ///< in `currency`, before any discount; empty: it does not say
    std::optional<double> discounted; ///< what this account would pay; empty: it does not say
    std::string currency = "USD";
    std::string why_not = {}; ///< its own words, where it names no price
};

/// What the request of one of its models may have and must have. Nothing known: it does not describe it.
struct Schema {
    std::set<std::string> known;
    std::set<std::string> required;
};

/// What our requests on a route may have, and what all of them have.
struct Members {
    std::set<std::string> may;
    std::set<std::string> always;
};

/// `model`: the route's; null for a route of any.
Members members_of(const Route& route, const Model* model);

/// Where our requests and the service's own descriptions differ, each naming slug and member: "kwaivgi/kling-v2.6-pro/
/// image-to-video does not know end_image". Empty: nowhere.
std::vector<std::string> differences(const ModelCatalog& catalog, const ProviderFacts& facts,
                                     const std::map<std::string, Schema>& theirs);

} // namespace longtake::remote::wavespeed
