#include "pipeline/app/project_config.h"

#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

#include <map>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// What a member of a provider's configuration would do, in a few words.
const std::map<std::string, std::string> k_effects = {
    {"base_url", "would send your keys, pictures and prompts there"},
    {"shape", "would change how the service is spoken to"},
    {"prices", "would change the prices that plans and caps count with"},
    {"submit_timeout", "would change after how many seconds a submit counts as unanswered"},
    {"task_timeout", "would change for how many seconds a take is waited for"},
    {"reconcile_seconds", "would change after how many seconds a lost submit counts as never made"},
};

constexpr int k_segments_gb = 8; ///< what is kept at the most without any configuration (see SegmentStore)

/// Parts one project's configuration.
class Parting {
public:
    Parting(const json& user, const ModelCatalog& catalog, const Session& session)
        : user_(user), catalog_(catalog), session_(session)
    {
    }

    ProjectConfig part(const json& project)
    {
        if (project.contains("jobs")) {
            parted_.allowed["jobs"] = project["jobs"];
        }
        if (project.contains("max_cost")) {
            const json own = user_.value("max_cost", json());
            limit("", "/max_cost", project["max_cost"], own,
                  fmt::format("would raise your cap of ${} a film", own.dump()), parted_.allowed["max_cost"]);
        }
        if (project.contains("segments_gb")) {
            const json own = user_.value("segments_gb", json(k_segments_gb));
            limit("", "/segments_gb", project["segments_gb"], own,
                  fmt::format("would keep more than {} GB of encoded pieces", own.dump()),
                  parted_.allowed["segments_gb"]);
        }
        const json services = project.value("providers", json::object());
        for (const auto& [name, service] : services.items()) {
            for (const auto& [key, value] : service.items()) {
                part_member(name, key, value);
            }
        }
        drop_empty(parted_.allowed);
        return std::move(parted_);
    }

private:
    json own(const std::string& name, const std::string& key) const
    {
        return user_.value("providers", json::object()).value(name, json::object()).value(key, json());
    }

    void part_member(const std::string& name, const std::string& key, const json& value)
    {
        const std::string pointer = pointer_to(pointer_to("/providers", name), key);
        json& place = parted_.allowed["providers"][name][key];
        const json mine = own(name, key);
        if (key == "daily_cap") {
            limit(name, pointer, value, mine, fmt::format("would raise your daily cap of ${}", mine.dump()), place);
        } else if (key == "concurrency") {
            const json most = mine.is_null() ? json(catalog_.provider(name).concurrency) : mine;
            limit(name, pointer, value, most, fmt::format("would have more than {} takes made at once", most.dump()),
                  place);
        } else if (key == "prices") {
            part_prices(name, pointer, value, mine);
        } else if (value != mine && !is_overruled(name, key, value, mine)) {
            parted_.demands.push_back({name, pointer, value, k_effects.at(key)});
        }
    }

    void limit(const std::string& name, const std::string& pointer, const json& value, const json& most,
               const std::string& effect, json& place)
    {
        if (most.is_null() || value.get<double>() <= most.get<double>()) {
            place = value;
        } else {
            parted_.demands.push_back({name, pointer, value, effect});
        }
    }

    void part_prices(const std::string& name, const std::string& pointer, const json& prices, const json& mine)
    {
        for (const auto& [model, modes] : prices.items()) {
            for (const auto& [mode, price] : modes.items()) {
                const json known = mine.is_null() ? json() : mine.value(model, json::object()).value(mode, json());
                if (price != known) {
                    parted_.demands.push_back(
                        {name, pointer_to(pointer_to(pointer, model), mode), price, k_effects.at("prices")});
                }
            }
        }
    }

    /// An address that the environment overrules, or that is the catalog's anyway.
    bool is_overruled(const std::string& name, const std::string& key, const json& value, const json& mine) const
    {
        const ProviderFacts& facts = catalog_.provider(name);
        return key == "base_url" && (session_.variable(facts.base_url_variable()).has_value() ||
                                     (mine.is_null() && value == facts.base_url));
    }

    /// Members that were looked at and not allowed left nulls behind, which would take the user's own away.
    static void drop_empty(json& value)
    {
        for (auto member = value.begin(); member != value.end();) {
            if (member->is_object()) {
                drop_empty(*member);
            }
            member = member->is_null() ? value.erase(member) : std::next(member);
        }
    }

    const json& user_;
    const ModelCatalog& catalog_;
    const Session& session_;
    ProjectConfig parted_;
};

/// The value is shown whole and in ASCII: half an address, or letters that look like others, would hide where it leads.
std::string shown(const Demand& demand)
{
    return fmt::format("{} {}: {}", demand.pointer, demand.value.dump(-1, ' ', true), demand.effect);
}

} // namespace

ProjectConfig part_project_config(const json& project, const json& user, const ModelCatalog& catalog,
                                  const Session& session)
{
    return Parting(user, catalog, session).part(project);
}

void need_agreement(const std::vector<Demand>& demands, const fs::path& file, const fs::path& users_file,
                    const ProviderFacts& provider, const Session& session)
{
    std::vector<std::string> refused;
    std::vector<std::string> unused;
    for (const Demand& demand : demands) {
        const bool counts = provider.paid && (demand.provider.empty() || demand.provider == provider.name);
        (counts ? refused : unused).push_back(shown(demand));
    }
    if (!refused.empty()) {
        throw Error(Errc::usage, fmt::format("{}: comes with the storyboard, and says what only you may decide:\n  {}\n"
                                             "nothing was sent; if you agree, write it into '{}', or add "
                                             "--trust-project",
                                             file.string(), join(refused, "\n  "), users_file.string()));
    }
    if (!unused.empty()) {
        session.console.warn(
            fmt::format("{}: left out, since only you may decide it: {}", file.string(), join(unused, "; ")));
    }
}

void need_known_presets(const Storyboard& board)
{
    for (const std::string& name : board.deliver) {
        if (name.ends_with(".json")) {
            throw Error(Errc::usage,
                        fmt::format("{}: /deliver names the preset file '{}', which chooses an encoder and "
                                    "its options; if you trust it, name it with -p, or add "
                                    "--trust-project",
                                    board.file.string(), name));
        }
    }
}

} // namespace longtake::app
