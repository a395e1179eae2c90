#include "pipeline/app/config.h"

#include "pipeline/base/text.h"
#include "pipeline/model/schema.h"

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::vector<std::string> k_keys = {"jobs", "max_cost", "providers"};

/// The file's own object; empty if there is no such file.
json config_file(const fs::path& file)
{
    if (!fs::exists(file)) {
        return json::object();
    }
    json config = read_json(file);
    Problems problems(file.string());
    if (!config.is_object()) {
        problems.add("", "found " + found_text(config) + "; must be an object");
    } else {
        for (const auto& [key, value] : config.items()) {
            if (std::find(k_keys.begin(), k_keys.end(), key) == k_keys.end()) {
                problems.add(pointer_to("", key), unknown_name("key", key, k_keys));
            } else if (key != "providers" && !value.is_number()) {
                problems.add(pointer_to("", key), "found " + found_text(value) + "; must be a number");
            }
        }
    }
    problems.check();
    return config;
}

fs::path user_config(const Session& session)
{
    if (const auto home = session.variable("XDG_CONFIG_HOME"); home && !home->empty()) {
        return fs::path(*home) / "longtake" / "config.json";
    }
    return fs::path(session.variable("HOME").value_or("/nonexistent")) / ".config" / "longtake" / "config.json";
}

} // namespace

Config load_config(const fs::path& beside, const Session& session)
{
    json merged = config_file(user_config(session));
    merged.update(config_file(beside / "longtake.json"));
    Config config;
    if (merged.contains("jobs")) {
        config.jobs = merged["jobs"].get<int>();
    }
    if (merged.contains("max_cost")) {
        config.max_cost = merged["max_cost"].get<double>();
    }
    if (const auto poll = session.variable("LONGTAKE_POLL_SECONDS")) {
        char* end = nullptr;
        const double seconds = std::strtod(poll->c_str(), &end);
        if (end == poll->c_str() || *end != '\0' || seconds <= 0) {
            throw Error(Errc::usage,
                        "LONGTAKE_POLL_SECONDS: found '" + *poll + "'; must be a number of seconds above 0");
        }
        config.poll = std::chrono::milliseconds(static_cast<long>(seconds * 1000));
    }
    return config;
}

} // namespace longtake::app
