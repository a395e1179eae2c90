#pragma once

#include "pipeline/app/session.h"
#include "pipeline/flow/fleet/queued_film.h"

#include <memory>
#include <optional>
#include <string>

namespace longtake::app {

/// Where films of many processes or machines have their ledger and their files.
struct FleetOptions {
    std::optional<std::string> ledger;
    std::optional<std::string> store;
};

/// --ledger and --store.
void add_fleet_options(CLI::App& command, FleetOptions& options);

/// The ledger's address, by flag, LONGTAKE_LEDGER or the user's configuration; empty: none was named.
std::string ledger_address(const FleetOptions& options, const Session& session);

/// The store, by flag, LONGTAKE_STORE or the user's configuration. Throws Error(usage) where none was named.
std::shared_ptr<Store> fleet_store(const FleetOptions& options, const Session& session);

/// Both, and this machine's own copy in $XDG_CACHE_HOME/longtake. Throws Error(usage) where one was not named.
FleetPlace fleet_place(const FleetOptions& options, const Session& session);

} // namespace longtake::app
