#include "pipeline/app/fleet/fleet_options.h"
#include "pipeline/app/online.h"
#include "pipeline/app/session.h"

#include "pipeline/av/text/fonts.h"
#include "pipeline/av/version.h"
#include "pipeline/base/text.h"
#include "pipeline/model/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace longtake::app {
namespace {

using nlohmann::json;

constexpr std::int64_t k_clocks_apart = 300; ///< seconds; S3 takes 900, a signed token of Kling's 1800

struct Check {
    std::string name;
    bool ok = true;
    std::string says;
};

/// Encoders the presets ask for; a missing one spoils only its presets.
Check encoders(const PresetDirs& dirs)
{
    std::set<std::string> missing;
    std::set<std::string> found;
    for (const std::string& name : preset_names(dirs)) {
        const std::string encoder = load_preset(dirs, name).video.encoder;
        (av::has_encoder(encoder) ? found : missing).insert(encoder);
    }
    const std::vector<std::string> there(found.begin(), found.end());
    const std::vector<std::string> gone(missing.begin(), missing.end());
    return {"encoders", missing.empty(), missing.empty() ? join(there) : "missing: " + join(gone)};
}

/// "Chinese, Japanese (install fonts-noto-cjk)"
std::string without_fonts(const std::vector<av::Script>& scripts)
{
    std::map<std::string, std::vector<std::string>> names; // by package
    for (const av::Script& script : scripts) {
        names[script.package].push_back(script.name);
    }
    std::vector<std::string> parts;
    for (const auto& [package, scripts_of_it] : names) {
        parts.push_back(fmt::format("{} (install {})", join(scripts_of_it), package));
    }
    return join(parts);
}

/// Most films need one script or two: it is a fault only if nothing can be written at all.
Check fonts()
{
    const std::vector<av::Script> missing = av::uncovered_scripts();
    const bool latin =
        std::none_of(missing.begin(), missing.end(), [](const auto& one) { return one.name == "Latin"; });
    if (missing.empty()) {
        return {"fonts", true, "for all big scripts and emoji"};
    }
    return {"fonts", latin, "none for " + without_fonts(missing)};
}

Check keys(const Session& session)
{
    std::set<std::string> set;
    for (const auto& [name, provider] : load_models(session.preset_dirs()).providers) {
        for (const std::string& key : provider.keys) {
            if (!session.variable(key).value_or("").empty()) {
                set.insert(key);
            }
        }
    }
    return {"keys", true,
            set.empty() ? "none set (provider local needs none)" : join({set.begin(), set.end()}) + " set"};
}

/// Signed tokens live minutes: a clock years off is refused everywhere.
Check clock_check()
{
    const std::time_t now = std::time(nullptr);
    constexpr std::time_t k_2025 = 1735689600;
    std::tm utc{};
    gmtime_r(&now, &utc);
    return {"clock", now > k_2025,
            fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                        utc.tm_hour, utc.tm_min)};
}

/// Their vendor may have ended them, and resellers may have kept them: no fault of this machine's.
Check models(const PresetDirs& dirs)
{
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> ended; // by day and successor
    for (const auto& [name, model] : load_models(dirs).models) {
        if (model.retirement) {
            ended[{model.retirement->on, model.retirement->successor}].push_back(name);
        }
    }
    std::vector<std::string> parts;
    for (const auto& [end, names] : ended) {
        parts.push_back(fmt::format("{} {} to be retired on {}: {} is {} successor", join(names),
                                    names.size() == 1 ? "was" : "were", end.first, end.second,
                                    names.size() == 1 ? "its" : "their"));
    }
    return {"models", true, parts.empty() ? "none is known to be retired" : join(parts, "; ")};
}

/// Our names for the members of a request against the service's own. A name it ignores is a paid take that is not as
/// asked for.
Check wavespeed_names(const Session& session)
{
    const std::vector<std::string> keys = load_models(session.preset_dirs()).provider("wavespeed").keys;
    const auto is_set = [&](const std::string& key) { return !session.variable(key).value_or("").empty(); };
    if (std::none_of(keys.begin(), keys.end(), is_set)) {
        return {"wavespeed", true, "not asked: " + join(keys, " or ") + " is not set"};
    }
    try {
        const Online online = wavespeed_online(session);
        const auto theirs = online.service->schemas(session.environment.stop);
        const auto differences = remote::wavespeed::differences(online.catalog, online.facts(), theirs);
        return {"wavespeed", differences.empty(),
                differences.empty() ? "its models take requests as they are made here" : join(differences, "; ")};
    } catch (const Error& error) {
        if (error.code() == Errc::interrupted) {
            throw;
        }
        return {"wavespeed", false, error.what()};
    }
}

/// Whether money can be kept in it, and whether its clock is ours.
Check ledger_check(const std::string& address)
{
    try {
        const std::shared_ptr<Database> database = open_database(address, true);
        const Database::Examination found = database->examine();
        const std::int64_t apart =
            std::abs(open_ledger(database, "")->now() - static_cast<std::int64_t>(std::time(nullptr)));
        std::vector<std::string> says = {found.engine};
        says.insert(says.end(), found.warnings.begin(), found.warnings.end());
        if (apart > k_clocks_apart) {
            says.push_back(fmt::format("its clock is {} s from this machine's, which services and S3 go by", apart));
        }
        return {"ledger", found.warnings.empty() && apart <= k_clocks_apart, join(says, "; ")};
    } catch (const Error& error) {
        return {"ledger", false, error.what()};
    }
}

/// Whether a file that is put there comes back.
Check store_check(const FleetOptions& fleet, const Session& session)
{
    try {
        const std::shared_ptr<Store> store = fleet_store(fleet, session);
        check_store(*store);
        return {"store", true, store->name() + " gives back what is put there"};
    } catch (const Error& error) {
        return {"store", false, error.what()};
    }
}

struct DoctorOptions {
    StreamOptions streams;
    FleetOptions fleet;
    bool online = false;
};

int examine(const DoctorOptions& options, Session& session)
{
    configure(options.streams, session);
    const PresetDirs dirs = session.preset_dirs();
    std::vector<std::string> places;
    for (const auto& dir : dirs) {
        places.push_back(dir.string());
    }
    std::vector<Check> checks = {
        {"libraries", true, join(av::library_versions())},
        {"licence", true, "FFmpeg: " + av::library_licence()},
        {"presets", !dirs.empty(), join(places)},
        encoders(dirs),
        fonts(),
        keys(session),
        clock_check(),
        models(dirs),
    };
    if (options.online) {
        checks.push_back(wavespeed_names(session));
    }
    if (const std::string ledger = ledger_address(options.fleet, session); !ledger.empty()) {
        checks.push_back(ledger_check(ledger));
        checks.push_back(store_check(options.fleet, session));
    }
    bool ok = true;
    json rows = json::array();
    for (const Check& check : checks) {
        ok = ok && check.ok;
        session.console.print(fmt::format("{:<10} {:<8} {}", check.name, check.ok ? "ok" : "PROBLEM", check.says));
        rows.push_back({{"name", check.name}, {"ok", check.ok}, {"says", check.says}});
    }
    session.console.result({{"checks", rows}}, ok);
    return ok ? 0 : exit_status(Errc::internal);
}

} // namespace

void add_doctor_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<DoctorOptions>();
    CLI::App* command = app.add_subcommand("doctor", "Examine libraries, encoders, fonts, keys, clock and models");
    add_fleet_options(*command, options->fleet);
    add_stream_options(*command, options->streams);
    command->add_flag("--online", options->online,
                      "Also compare our requests with what wavespeed says it takes (free)");
    command->callback([options, &session, &status] { status = examine(*options, session); });
}

} // namespace longtake::app
