#pragma once

#include "pipeline/app/session.h"
#include "pipeline/providers/dialects/wavespeed_online.h"

#include <memory>

namespace longtake::app {

/// WaveSpeed as the user's own configuration and environment reach it, and the catalog they make.
struct Online {
    ModelCatalog catalog;
    std::unique_ptr<remote::WavespeedProvider> service;

    const ProviderFacts& facts() const { return catalog.provider("wavespeed"); }
};

/// Throws Error(credentials) without a key, Error(usage) for an unusable address or configuration. Sends nothing.
Online wavespeed_online(const Session& session);

/// Asks for the balance and for each route's price of 5 s, prints them beside our own, and gives them as members of a
/// result. Throws as WavespeedProvider::balance().
nlohmann::json print_quotes(Online& online, Session& session);

} // namespace longtake::app
