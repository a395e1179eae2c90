#include "pipeline/app/config.h"

#include "pipeline/base/secrets.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::milliseconds;

const std::vector<std::string> k_keys = {"jobs", "max_cost", "providers"};
const std::vector<std::string> k_service_numbers = {"concurrency", "submit_timeout", "task_timeout",
                                                    "reconcile_seconds", "daily_cap"};
const std::vector<std::string> k_service_keys = {
    "base_url", "shape", "prices", "concurrency", "submit_timeout", "task_timeout", "reconcile_seconds", "daily_cap"};

bool is_one_of(const std::vector<std::string>& words, const std::string& word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// A number of seconds, dollars or takes: finite, and above 0 where 0 makes no sense.
void check_number(const json& value, const std::string& pointer, bool may_be_zero, Problems& problems)
{
    const bool fits = value.is_number() && std::isfinite(value.get<double>()) &&
                      (value.get<double>() > 0 || (may_be_zero && value.get<double>() == 0));
    if (!fits) {
        problems.add(pointer, fmt::format("found {}; must be a number {}", found_text(value),
                                          may_be_zero ? "of 0 or more" : "above 0"));
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
        } else if (is_one_of(k_service_numbers, key)) {
            check_number(value, at, key == "daily_cap" || key == "reconcile_seconds", problems);
        } else if (key == "prices" ? !value.is_object() : !value.is_string()) {
            problems.add(at, "found " + found_text(value) + "; must be " + (key == "prices" ? "an object" : "a text"));
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
        } else if (key != "providers") {
            check_number(value, at, key == "max_cost", problems);
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
        service.concurrency = std::max(1, static_cast<int>(config["concurrency"].get<double>()));
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
    char* end = nullptr;
    const double seconds = std::strtod(poll->c_str(), &end);
    if (end == poll->c_str() || *end != '\0' || !(seconds > 0) || seconds > 3600) {
        throw Error(Errc::usage,
                    "LONGTAKE_POLL_SECONDS: found '" + *poll + "'; must be a number of seconds above 0, at most 3600");
    }
    return milliseconds(std::max(1L, std::lround(seconds * 1000)));
}

} // namespace

Config load_config(const fs::path& beside, const Session& session)
{
    Config config;
    config.catalog = load_models(session.preset_dirs());
    std::vector<std::string> providers;
    for (const auto& [name, facts] : config.catalog.providers) {
        providers.push_back(name);
    }
    json merged = json::object();
    if (const fs::path folder = user_folder(session, "XDG_CONFIG_HOME", ".config"); !folder.empty()) {
        merged = config_file(folder / "longtake" / "config.json", providers);
    }
    merged.merge_patch(config_file(beside / "longtake.json", providers));

    if (merged.contains("jobs")) {
        config.jobs = static_cast<int>(merged["jobs"].get<double>());
    }
    if (merged.contains("max_cost")) {
        config.max_cost = merged["max_cost"].get<double>();
    }
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

} // namespace longtake::app
