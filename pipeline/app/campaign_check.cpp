#include "pipeline/app/campaign_check.h"

#include "pipeline/app/storyboard_options.h"
#include "stages/plan/on_beat.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::app {
namespace {

using nlohmann::json;

/// Words of everyday lengths, to fill a text to its limit.
constexpr std::string_view k_filler = "Everything for a slow morning at home with your people and good bread ";

/// The most letters a text may have on all of these canvases; 0: as many as one likes.
int most_letters(const Variable& variable, const std::vector<std::string>& canvases)
{
    int most = 0;
    for (const auto& [canvas, letters] : variable.max_letters) {
        if (canvas.empty() || std::ranges::find(canvases, canvas) != canvases.end()) {
            most = most == 0 ? letters : std::min(most, letters);
        }
    }
    return most;
}

std::string filler(int letters)
{
    std::string text;
    while (static_cast<int>(text.size()) < letters) {
        text += k_filler;
    }
    text.resize(static_cast<std::size_t>(letters));
    if (text.ends_with(' ')) {
        text.back() = 's';
    }
    return text;
}

void fill(const Variable& variable, const std::vector<std::string>& canvases, json& value)
{
    if (const int letters = most_letters(variable, canvases); letters > 0 && variable.type == Variable::Type::text) {
        value = filler(letters);
    }
    for (const Variable& field : variable.fields) {
        for (json& element : value) {
            fill(field, canvases, field.name.empty() ? element : element[field.name]);
        }
    }
}

/// One way to fill in a campaign.
struct Trial {
    std::string name;
    Values values;
};

std::vector<Trial> trials_of(const Campaign& campaign, const std::vector<std::string>& canvases)
{
    const Values examples = own_values(campaign, Demo::examples, canvases);
    Values needed = examples;
    Values longest = examples;
    for (const Variable& variable : campaign.variables) {
        if (variable.optional) {
            needed.erase(variable.name);
        }
        if (const auto value = longest.find(variable.name); value != longest.end()) {
            fill(variable, canvases, value->second);
        }
    }
    return {{"with its examples", examples},
            {"without what is optional", std::move(needed)},
            {"with texts as long as they may be", std::move(longest)}};
}

Plan planned(const Campaign& campaign, const Values& values, const std::vector<std::string>& canvases, Session& session)
{
    const json board = campaign.expanded(values, canvases);
    const Storyboard storyboard = storyboard_from_json(board, std::filesystem::current_path(), campaign.name);
    MakeOptions make;
    make.output = "out";
    const FilmSetup setup = film_setup(make, {"out.longtake"}, storyboard, session);
    return plan_film(storyboard, setup.options, setup.account);
}

} // namespace

CampaignCheck check_campaign(const Campaign& campaign, Session& session)
{
    CampaignCheck check;
    const json deliver = campaign.storyboard.value("deliver", json::array());
    const std::vector<std::string> canvases =
        canvases_of(deliver.get<std::vector<std::string>>(), session.preset_dirs());
    for (const Trial& trial : trials_of(campaign, canvases)) {
        try {
            const Plan plan = planned(campaign, trial.values, canvases, session);
            check.seconds = check.seconds > 0 ? check.seconds : plan.rate.seconds(plan.frames);
            for (const std::string& note : plan.notes) {
                if (!stages::tells_of_beat(note)) {
                    check.problems.push_back(trial.name + ": " + note);
                }
            }
        } catch (const Error& error) {
            check.problems.push_back(trial.name + ": " + error.what());
        }
    }
    return check;
}

} // namespace longtake::app
