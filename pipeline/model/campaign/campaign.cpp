#include "pipeline/model/campaign/campaign.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/campaign/own_files.h"
#include "pipeline/model/schema/schema.h"

#include <algorithm>
#include <set>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Of campaigns that change others; more are going round in circles.
constexpr int k_most_parents = 8;

bool is_file_name(const std::string& reference)
{
    return reference.ends_with(".json");
}

fs::path file_of(const PresetDirs& dirs, const std::string& name)
{
    for (const fs::path& dir : dirs) {
        if (fs::path file = dir / "campaign" / (name + ".json"); fs::is_regular_file(file)) {
            return file;
        }
    }
    throw Error(Errc::usage, unknown_name("campaign", name, campaign_names(dirs)));
}

/// A campaign's JSON with that of those it changes below it, every path absolute.
json resolved(const PresetDirs& dirs, json campaign, const fs::path& file, int depth = 0)
{
    if (depth > k_most_parents) {
        throw Error(Errc::usage, file.string() + ": extends itself; name another in \"extends\"");
    }
    resolve_own_files(campaign, fs::absolute(file).parent_path());
    if (!campaign.is_object() || !campaign.contains("extends") || !campaign.at("extends").is_string()) {
        return campaign;
    }
    const std::string wanted = campaign.at("extends");
    campaign.erase("extends");
    const fs::path parent = is_file_name(wanted) ? file.parent_path() / wanted
                                                 : in_context(file.string(), [&] { return file_of(dirs, wanted); });
    json base = resolved(dirs, read_json(parent), parent, depth + 1);
    base.merge_patch(campaign);
    return base;
}

/// Names of fields as templates say them inside an element of their list.
void add_fields(const Variable& list, std::vector<std::string>& names)
{
    for (const Variable& field : list.fields) {
        if (!field.name.empty()) {
            names.push_back("item." + field.name);
        }
    }
}

} // namespace

std::vector<std::string> Campaign::names() const
{
    std::vector<std::string> names;
    std::ranges::transform(variables, std::back_inserter(names), &Variable::name);
    return names;
}

const Variable& Campaign::variable(const std::string& wanted) const
{
    const auto found = std::ranges::find(variables, wanted, &Variable::name);
    if (found == variables.end()) {
        throw Error(Errc::usage, unknown_name("variable", wanted, names()));
    }
    return *found;
}

json Campaign::expanded(Values values, const std::vector<std::string>& canvases) const
{
    values.merge(own_values(*this, Demo::no, canvases));
    std::vector<std::string> missing;
    std::vector<std::string> known = names();
    for (const Variable& variable : variables) {
        add_fields(variable, known);
        if (variable.required() && !values.contains(variable.name)) {
            missing.push_back(variable.name);
        }
    }
    if (!missing.empty()) {
        throw Error(Errc::usage, name + ": " + join(missing) + (missing.size() == 1 ? " is" : " are") +
                                     " missing; give --set " + missing.front() +
                                     "=..., or --demo to see it with its examples (`longtake presets show " + name +
                                     "` explains them)");
    }
    return in_context(name, [&] { return expand(storyboard, values, known); });
}

Values own_values(const Campaign& campaign, Demo demo, const std::vector<std::string>& canvases)
{
    Values values;
    for (const Variable& variable : campaign.variables) {
        const bool shows = demo == Demo::examples && variable.value_default.is_null();
        if (const json& own = shows ? variable.example : variable.value_default; !own.is_null()) {
            values[variable.name] = in_context(campaign.name + ": " + variable.name, [&] {
                return value_of(variable, own, {{}, canvases}); // its paths are absolute
            });
        }
    }
    return values;
}

Campaign campaign_of(const PresetDirs& dirs, const json& written, const fs::path& file)
{
    const json whole = resolved(dirs, written, file);
    check_schema(whole, "campaign", file.string());
    Campaign campaign;
    campaign.name = file.string();
    campaign.description = whole.at("description");
    campaign.storyboard = whole.at("storyboard");
    in_context(file.string(), [&] {
        for (const auto& [name, variable] : whole.at("variables").items()) {
            campaign.variables.push_back(variable_of(name, variable));
        }
    });
    std::ranges::stable_sort(campaign.variables, std::ranges::greater(), &Variable::required);
    return campaign;
}

Campaign load_campaign(const PresetDirs& dirs, const std::string& reference)
{
    const fs::path file = is_file_name(reference) ? fs::path(reference) : file_of(dirs, reference);
    Campaign campaign = campaign_of(dirs, read_json(file), file);
    campaign.name = reference;
    return campaign;
}

std::vector<std::string> campaign_names(const PresetDirs& dirs)
{
    std::set<std::string> names;
    for (const fs::path& dir : dirs) {
        std::error_code none;
        for (const fs::directory_entry& entry : fs::directory_iterator(dir / "campaign", none)) {
            if (entry.path().extension() == ".json") {
                names.insert(entry.path().stem().string());
            }
        }
    }
    return {names.begin(), names.end()};
}

} // namespace longtake
