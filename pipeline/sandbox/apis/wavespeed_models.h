#pragma once

#include "pipeline/model/models.h"

namespace longtake::sandbox {

/// What `GET /api/v3/models` lists: each slug of the provider's routes once, with the members its requests may and must
/// have, as WaveSpeedRequests reads them.
nlohmann::json wavespeed_models(const ModelCatalog& catalog, const ProviderFacts& facts);

/// USD for one take with these inputs, which may be partial. Throws Refusal(1203) for a slug that is none.
double wavespeed_price(const ModelCatalog& catalog, const ProviderFacts& facts, const std::string& slug,
                       const nlohmann::json& inputs);

} // namespace longtake::sandbox
