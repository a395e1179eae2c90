#include "pipeline/app/session.h"

#include "pipeline/app/campaign_check.h"
#include "pipeline/app/campaign_text.h"
#include "pipeline/app/storyboard_options.h"
#include "pipeline/base/error.h"
#include "pipeline/model/campaign/campaign.h"
#include "pipeline/model/delivery/preset_check.h"
#include "pipeline/model/preset.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <memory>
#include <utility>

namespace longtake::app {
namespace {

/// Campaigns, and the delivery presets.
int list_presets(Session& session)
{
    const PresetDirs dirs = with_presets_here(session.preset_dirs());
    nlohmann::json campaigns = nlohmann::json::array();
    for (const std::string& name : campaign_names(dirs)) {
        const Campaign campaign = load_campaign(dirs, name);
        session.console.print(fmt::format("{:<22} {}", name, campaign.description));
        campaigns.push_back({{"name", name}, {"description", campaign.description}, {"variables", campaign.names()}});
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& name : preset_names(dirs)) {
        const Preset preset = load_preset(dirs, name);
        session.console.print(fmt::format("{:<22} {}", name, preset.description));
        rows.push_back({{"name", name}, {"description", preset.description}, {"checked", preset.checked}});
    }
    session.console.result({{"presets", rows}, {"campaigns", campaigns}});
    return 0;
}

bool is_campaign(const std::string& name, const PresetDirs& dirs)
{
    if (name.ends_with(".json")) {
        return read_json(name).value("schema", "").starts_with("longtake/campaign");
    }
    return name.find('/') == std::string::npos && !name.empty() && !campaign_names(dirs).empty();
}

int show_preset(const std::string& name, Session& session)
{
    const PresetDirs dirs = session.preset_dirs();
    const PresetDirs campaigns = with_presets_here(dirs);
    if (is_campaign(name, campaigns)) {
        const Campaign campaign = load_campaign(campaigns, name);
        session.console.print_lines(campaign_text(campaign));
        session.console.result(
            {{"campaign", {{"name", name}, {"variables", campaign.names()}, {"storyboard", campaign.storyboard}}}});
        return 0;
    }
    const nlohmann::json preset = resolved_preset(dirs, name);
    session.console.print_lines(preset.dump(2));
    session.console.result({{"preset", preset}});
    return 0;
}

std::string today()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

struct CheckedPreset {
    std::string words; ///< before what is wrong
    nlohmann::json row;
    std::vector<std::string> problems;
};

CheckedPreset checked(const std::string& name, const PresetDirs& dirs, Session& session)
{
    if (is_campaign(name, dirs)) {
        CampaignCheck check = check_campaign(load_campaign(dirs, name), session);
        return {fmt::format("{:.1f} s, ", check.seconds),
                {{"name", name}, {"seconds", check.seconds}},
                std::move(check.problems)};
    }
    const Preset preset = load_preset(dirs, name);
    return {preset.accepts ? "held against what is accepted, " : "", {{"name", name}}, problems_of(preset, today())};
}

/// By name; without one all, campaigns first.
int check_presets(std::vector<std::string> names, Session& session)
{
    const PresetDirs dirs = with_presets_here(session.preset_dirs());
    if (names.empty()) {
        names = campaign_names(dirs);
        std::ranges::copy(preset_names(dirs), std::back_inserter(names));
    }
    std::size_t problems = 0;
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& name : names) {
        CheckedPreset check = checked(name, dirs, session);
        session.console.print(fmt::format("{:<22} {}{}", name, check.words,
                                          check.problems.empty() ? "nothing to mend"
                                                                 : fmt::format("{} problem{}", check.problems.size(),
                                                                               check.problems.size() == 1 ? "" : "s")));
        for (const std::string& problem : check.problems) {
            session.console.print("  " + problem);
        }
        problems += check.problems.size();
        check.row["problems"] = check.problems;
        rows.push_back(std::move(check.row));
    }
    session.console.result({{"checked", rows}}, problems == 0);
    return problems == 0 ? 0 : exit_status(Errc::usage);
}

} // namespace

void add_presets_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        std::string name;
        std::vector<std::string> names;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("presets", "List campaigns and delivery presets, show or check one");
    add_stream_options(*command, options->streams);
    command->require_subcommand(0, 1);
    command->add_subcommand("list", "Every preset, a line each")->fallthrough();
    CLI::App* show = command->add_subcommand("show", "One preset with everything it inherits")->fallthrough();
    show->add_option("name", options->name, "Preset name")->required();
    CLI::App* check =
        command
            ->add_subcommand(
                "check",
                "Plan campaigns as far as their limits go, hold delivery presets against what platforms accept")
            ->fallthrough();
    check->add_option("names", options->names, "Campaigns and delivery presets (default: all)");
    command->callback([options, show, check, &session, &status] {
        configure(options->streams, session);
        status = show->parsed()    ? show_preset(options->name, session)
                 : check->parsed() ? check_presets(options->names, session)
                                   : list_presets(session);
    });
}

} // namespace longtake::app
