#include "pipeline/app/fleet/fleet_options.h"

#include "pipeline/app/config.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/http/s3_store.h"

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

/// By flag, else by the environment, else by the user's configuration.
std::string named(const std::optional<std::string>& flag, const char* variable, std::string Config::*member,
                  const Session& session)
{
    if (flag) {
        return *flag;
    }
    const auto set = session.variable(variable);
    return set ? *set : load_config(session).*member;
}

fs::path cache_folder(const Session& session)
{
    if (const auto set = session.variable("XDG_CACHE_HOME"); set && !set->empty()) {
        return fs::path(*set) / "longtake";
    }
    const std::string home = session.variable("HOME").value_or("");
    if (home.empty()) {
        throw Error(Errc::usage, "there is no place for this machine's copies: set XDG_CACHE_HOME or HOME");
    }
    return fs::path(home) / ".cache" / "longtake";
}

} // namespace

void add_fleet_options(CLI::App& command, FleetOptions& options)
{
    command
        .add_option("--ledger", options.ledger,
                    "Where rows, takes and money are: postgresql://HOST/NAME, or a file of this machine "
                    "(LONGTAKE_LEDGER; \"ledger\" in your configuration)")
        ->type_name("ADDRESS");
    command
        .add_option("--store", options.store,
                    "Where workers have their files together: a shared folder, or s3://BUCKET/PREFIX "
                    "(LONGTAKE_STORE; \"store\" in your configuration)")
        ->type_name("PLACE");
}

std::string ledger_address(const FleetOptions& options, const Session& session)
{
    return named(options.ledger, "LONGTAKE_LEDGER", &Config::ledger, session);
}

std::shared_ptr<Store> fleet_store(const FleetOptions& options, const Session& session)
{
    const std::string place = named(options.store, "LONGTAKE_STORE", &Config::store, session);
    if (place.empty()) {
        throw Error(Errc::usage, "--ledger needs a store beside it, where workers find each other's files: --store "
                                 "FOLDER or s3://BUCKET/PREFIX (or LONGTAKE_STORE)");
    }
    if (place.starts_with("s3://")) {
        return http::open_s3_store(place, [&](const std::string& name) { return session.variable(name); });
    }
    return std::make_shared<FolderStore>(fs::absolute(place).lexically_normal());
}

FleetPlace fleet_place(const FleetOptions& options, const Session& session)
{
    FleetPlace place;
    place.ledger = ledger_address(options, session);
    if (place.ledger.empty()) {
        throw Error(Errc::usage, "name the ledger whose rows are to be made: --ledger postgresql://HOST/NAME or a file "
                                 "(or LONGTAKE_LEDGER)");
    }
    if (!is_server(place.ledger)) {
        place.ledger = fs::absolute(place.ledger).lexically_normal().string();
    }
    place.store = fleet_store(options, session);
    place.cache = cache_folder(session) / ("fleet-" + sha256_of(place.ledger).substr(0, 12));
    return place;
}

} // namespace longtake::app
