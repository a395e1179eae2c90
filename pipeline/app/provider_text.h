#pragma once

#include "pipeline/app/session.h"
#include "pipeline/model/models.h"

#include <functional>

namespace longtake::app {

/// Prints the providers, a line each: whether they can be used and which keys are set, never a key's value.
int list_providers(const ModelCatalog& catalog, Session& session);

/// Prints one provider: address, keys, limits, what it can do, and its models with their modes, lengths and prices.
/// `further`, if any, prints what comes after that, and gives the members it adds to the result.
/// Throws Error(usage) naming the nearest provider.
int show_provider(const ModelCatalog& catalog, const std::string& name, Session& session,
                  const std::function<nlohmann::json()>& further = {});

} // namespace longtake::app
