#include "pipeline/app/config.h"

#include "pipeline/app/project_config.h"
#include "pipeline/base/secrets.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::milliseconds;

struct NumberRule {
    double lowest;
    double highest;
    bool whole = false;
};

constexpr double k_most_money = 1e9; ///< USD
constexpr double k_shortest = 0.001; ///< seconds
constexpr double k_year = 366.0 * 24 * 3600;

const std::map<std::string, NumberRule> k_numbers = {
    {"jobs", {1, 64, true}},
    {"max_cost", {0, k_most_money}},
    {"segments_gb", {0, 1e6}},
    {"concurrency", {1, 1000, true}},
    {"submit_timeout", {k_shortest, k_year}},
    {"task_timeout", {k_shortest, k_year}},
    {"reconcile_seconds", {0, k_year}},
    {"daily_cap", {0, k_most_money}},
};
const std::vector<std::string> k_keys = {"jobs", "max_cost", "segments_gb", "ledger", "store", "providers"};

/// What many machines share; only the user says where that is.
const std::vector<std::string> k_own_keys = {"ledger", "store"};
const std::vector<std::string> k_service_keys = {
    "base_url", "shape", "prices", "concurrency", "submit_timeout", "task_timeout", "reconcile_seconds", "daily_cap"};

bool is_one_of(const std::vector<std::string>& words, const std::string& word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

void check_number(const json& value, const std::string& pointer, const NumberRule& rule, Problems& problems)
{
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    const bool fits = number >= rule.lowest && number <= rule.highest && (!rule.whole || number == std::floor(number));
    if (!fits) {
        problems.add(pointer, fmt::format("found {}; must be a {}number from {} to {}", found_text(value),
                                          rule.whole ? "whole " : "", rule.lowest, rule.highest));
    }
}

/// Model -> mode -> USD; which models there are is the catalog's to say.
void check_prices(const json& prices, const std::string& pointer, Problems& problems)
{
    if (!prices.is_object()) {
        problems.add(pointer, "found " + found_text(prices) + "; must be model -> mode -> USD a second");
        return;
    }
    for (const auto& [model, modes] : prices.items()) {
        const std::string at = pointer_to(pointer, model);
        if (!modes.is_object()) {
            problems.add(at, "found " + found_text(modes) + "; must be mode -> USD a second");
            continue;
        }
        for (const auto& [mode, price] : modes.items()) {
            check_number(price, pointer_to(at, mode), {0, k_most_money}, problems);
        }
    }
}

void check_service(const json& service, const std::string& pointer, Problems& problems)
{
    if (!service.is_object()) {
        problems.add(pointer, "found " + found_text(service) + "; must be an object");
        return;
    }
    for (const auto& [key, value] : service.items()) {
        const std::string at = pointer_to(pointer, key);
        if (!is_one_of(k_service_keys, key)) {
            const bool secret = key.find("key") != std::string::npos || key.find("secret") != std::string::npos;
            problems.add(at, unknown_name("key", key, k_service_keys) +
                                 (secret ? "; keys are read from the environment only" : ""));
        } else if (const auto rule = k_numbers.find(key); rule != k_numbers.end()) {
            check_number(value, at, rule->second, problems);
        } else if (key == "prices") {
            check_prices(value, at, problems);
        } else if (!value.is_string()) {
            problems.add(at, "found " + found_text(value) + "; must be a text");
        } else if (key == "shape" && value != "vanilla" && value != "passthrough") {
            problems.add(at, "found " + found_text(value) + R"(; must be "vanilla" or "passthrough")");
        }
    }
}

/// The file's own object; empty if there is no such file.
json config_file(const fs::path& file, const std::vector<std::string>& providers)
{
    if (!fs::exists(file)) {
        return json::object();
    }
    json config = read_json(file);
    Problems problems(file.string());
    if (!config.is_object()) {
        problems.add("", "found " + found_text(config) + "; must be an object");
        problems.check();
    }
    for (const auto& [key, value] : config.items()) {
        const std::string at = pointer_to("", key);
        if (!is_one_of(k_keys, key)) {
            problems.add(at, unknown_name("key", key, k_keys));
        } else if (is_one_of(k_own_keys, key)) {
            if (!value.is_string() || value.get<std::string>().empty()) {
                problems.add(at, "found " + found_text(value) + "; must be an address, as for --" + key);
            }
        } else if (key != "providers") {
            check_number(value, at, k_numbers.at(key), problems);
        } else if (!value.is_object()) {
            problems.add(at, "found " + found_text(value) + "; must be an object");
        } else {
            for (const auto& [name, service] : value.items()) {
                if (!is_one_of(providers, name)) {
                    problems.add(pointer_to(at, name), unknown_name("provider", name, providers));
                }
                check_service(service, pointer_to(at, name), problems);
            }
        }
    }
    problems.check();
    return config;
}

/// A folder of the user's by the XDG base directory rules; empty if there is no home.
fs::path user_folder(const Session& session, const std::string& variable, const fs::path& in_home)
{
    if (const auto set = session.variable(variable); set && !set->empty()) {
        return *set;
    }
    const auto home = session.variable("HOME");
    return home && !home->empty() ? fs::path(*home) / in_home : fs::path();
}

milliseconds seconds_of(const json& value)
{
    return milliseconds(std::llround(value.get<double>() * 1000));
}

Service service_from(const ProviderFacts& facts, const json& config, const Session& session)
{
    Service service;
    for (const std::string& variable : facts.keys) {
        if (const auto key = session.variable(variable); key && !key->empty()) {
            service.keys[variable] = *key;
            keep_secret(*key);
        }
    }
    service.base_url = session.variable(facts.base_url_variable()).value_or(config.value("base_url", ""));
    service.shape = config.value("shape", "");
    service.prices = config.value("prices", json());
    if (config.contains("concurrency")) {
        service.concurrency = static_cast<int>(config["concurrency"].get<double>());
    }
    if (config.contains("daily_cap")) {
        service.daily_cap = config["daily_cap"].get<double>();
    }
    const std::pair<const char*, milliseconds*> times[] = {{"submit_timeout", &service.submit_timeout},
                                                           {"task_timeout", &service.task_timeout},
                                                           {"reconcile_seconds", &service.reconcile}};
    for (const auto& [key, time] : times) {
        if (config.contains(key)) {
            *time = seconds_of(config[key]);
        }
    }
    return service;
}

milliseconds poll_interval(const Session& session, milliseconds otherwise)
{
    const auto poll = session.variable("LONGTAKE_POLL_SECONDS");
    if (!poll) {
        return otherwise;
    }
    const double seconds = decimal_number(*poll).value_or(0);
    if (!(seconds > 0) || seconds > 3600) {
        throw Error(Errc::usage,
                    "LONGTAKE_POLL_SECONDS: found '" + *poll + "'; must be a number of seconds above 0, at most 3600");
    }
    return milliseconds(std::max(1L, std::lround(seconds * 1000)));
}

/// The user's own configuration; empty without a home.
fs::path own_file(const Session& session)
{
    const fs::path folder = user_folder(session, "XDG_CONFIG_HOME", ".config");
    return folder.empty() ? folder : folder / "longtake" / "config.json";
}

std::vector<std::string> names_of(const ModelCatalog& catalog)
{
    std::vector<std::string> names;
    for (const auto& [name, facts] : catalog.providers) {
        names.push_back(name);
    }
    return names;
}

json own_config(const ModelCatalog& catalog, const Session& session)
{
    const fs::path own = own_file(session);
    return own.empty() ? json::object() : config_file(own, names_of(catalog));
}

/// Films, money and files would go where whoever made the project says.
void refuse_own_keys(const json& project, const fs::path& file, const fs::path& users_file)
{
    Problems problems(file.string());
    for (const std::string& key : k_own_keys) {
        if (project.contains(key)) {
            problems.add(pointer_to("", key),
                         fmt::format("only you say where films of many machines are kept: by --{}, "
                                     "or this key in '{}'",
                                     key, users_file.string()));
        }
    }
    problems.check();
}

/// The project's configuration over the user's.
json merged_files(const Project& project, const ModelCatalog& catalog, const Session& session)
{
    const fs::path own = own_file(session);
    const fs::path file = project.folder / "longtake.json";
    json merged = own_config(catalog, session);
    json beside = config_file(file, names_of(catalog));
    refuse_own_keys(beside, file, own.empty() ? "$XDG_CONFIG_HOME/longtake/config.json" : own);
    if (!project.trusted) {
        const ProviderFacts& provider = catalog.provider(project.provider);
        ProjectConfig parted = part_project_config(beside, merged, catalog, session);
        need_agreement(parted.demands, file, own.empty() ? "$XDG_CONFIG_HOME/longtake/config.json" : own, provider,
                       session);
        beside = std::move(parted.allowed);
        if (provider.paid && beside.contains("jobs")) { // as many takes would be asked for at once
            const double most = std::max<double>(provider.concurrency, merged.value("jobs", 0.0));
            beside["jobs"] = std::min(beside["jobs"].get<double>(), most);
        }
    }
    merged.merge_patch(beside);
    return merged;
}

/// `catalog`: as it is without any configuration.
Config config_from(const json& merged, ModelCatalog catalog, const Session& session)
{
    Config config;
    config.catalog = std::move(catalog);
    if (merged.contains("jobs")) {
        config.jobs = static_cast<int>(merged["jobs"].get<double>());
    }
    if (merged.contains("max_cost")) {
        config.max_cost = merged["max_cost"].get<double>();
    }
    if (merged.contains("segments_gb")) {
        config.segments_gb = merged["segments_gb"].get<double>();
    }
    config.ledger = merged.value("ledger", "");
    config.store = merged.value("store", "");
    const json services = merged.value("providers", json::object());
    for (const auto& [name, facts] : config.catalog.providers) {
        config.services[name] = service_from(facts, services.value(name, json::object()), session);
    }
    set_services(config.catalog, config.services);
    config.poll = poll_interval(session, config.poll);
    if (const fs::path folder = user_folder(session, "XDG_STATE_HOME", fs::path(".local") / "state"); !folder.empty()) {
        config.spending = folder / "longtake" / "spending.db";
    }
    return config;
}

} // namespace

Config load_config(const Project& project, const Session& session)
{
    ModelCatalog catalog = load_models(session.preset_dirs());
    const json merged = merged_files(project, catalog, session);
    return config_from(merged, std::move(catalog), session);
}

Config load_config(const Session& session)
{
    ModelCatalog catalog = load_models(session.preset_dirs());
    const json own = own_config(catalog, session);
    return config_from(own, std::move(catalog), session);
}

} // namespace longtake::app
