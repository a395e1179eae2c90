#include "pipeline/app/session.h"

#include "pipeline/model/preset.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

int list_presets(Session& session)
{
    const PresetDirs dirs = session.preset_dirs();
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& name : preset_names(dirs)) {
        const Preset preset = load_preset(dirs, name);
        session.console.print(fmt::format("{:<22} {}", name, preset.description));
        rows.push_back({{"name", name}, {"description", preset.description}, {"checked", preset.checked}});
    }
    session.console.result({{"presets", rows}});
    return 0;
}

int show_preset(const std::string& name, Session& session)
{
    const nlohmann::json preset = resolved_preset(session.preset_dirs(), name);
    session.console.print_lines(preset.dump(2));
    session.console.result({{"preset", preset}});
    return 0;
}

} // namespace

void add_presets_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        std::string name;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("presets", "List delivery presets, or show one");
    add_stream_options(*command, options->streams);
    command->require_subcommand(0, 1);
    command->add_subcommand("list", "Every preset, a line each")->fallthrough();
    CLI::App* show = command->add_subcommand("show", "One preset with everything it inherits")->fallthrough();
    show->add_option("name", options->name, "Preset name")->required();
    command->callback([options, show, &session, &status] {
        configure(options->streams, session);
        status = show->parsed() ? show_preset(options->name, session) : list_presets(session);
    });
}

} // namespace longtake::app
