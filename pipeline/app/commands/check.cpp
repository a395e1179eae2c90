#include "pipeline/app/session.h"

#include "pipeline/av/facts.h"
#include "pipeline/base/error.h"
#include "pipeline/model/delivery/accepts.h"
#include "pipeline/model/preset.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace longtake::app {
namespace {

struct CheckOptions {
    StreamOptions streams;
    std::vector<std::filesystem::path> files;
    std::vector<std::string> presets;
};

Accepts rules_of(const Preset& preset)
{
    if (!preset.accepts) {
        throw Error(Errc::usage, "preset " + preset.name +
                                     " says nothing of what is accepted elsewhere (\"accepts\"): there is "
                                     "nothing to hold a file against");
    }
    return *preset.accepts;
}

std::string line_of(const Verdict& verdict)
{
    return fmt::format("  {}  {:<18} {}{}", verdict.kept ? "ok  " : "FAIL", verdict.rule, verdict.found,
                       verdict.kept           ? ""
                       : verdict.over.empty() ? ": accepted is " + verdict.allowed
                                              : fmt::format(": {}; accepted is {}", verdict.over, verdict.allowed));
}

/// Whether the platform takes it.
bool check_one(const std::filesystem::path& file, const Preset& preset, Session& session, nlohmann::json& rows)
{
    const Accepts rules = rules_of(preset);
    const std::vector<Verdict> verdicts = judge(rules, av::facts_of(file));
    const bool kept = std::ranges::all_of(verdicts, &Verdict::kept);
    session.console.print(fmt::format("{}: {} by {}", file.string(), kept ? "accepted" : "refused", preset.name));
    for (const Verdict& verdict : verdicts) {
        session.console.print(line_of(verdict));
    }
    session.console.print(fmt::format("  rules of {}: {}", rules.checked, rules.source));
    rows.push_back({{"file", file.string()},
                    {"preset", preset.name},
                    {"accepted", kept},
                    {"rules", verdicts},
                    {"source", rules.source},
                    {"checked", rules.checked}});
    return kept;
}

int check_all(const CheckOptions& options, Session& session)
{
    configure(options.streams, session);
    nlohmann::json rows = nlohmann::json::array();
    bool accepted = true;
    for (const std::string& name : options.presets) {
        const Preset preset = load_preset(session.preset_dirs(), name);
        for (const auto& file : options.files) {
            accepted = check_one(file, preset, session, rows) && accepted;
        }
    }
    session.console.result({{"checks", rows}}, accepted);
    return accepted ? 0 : exit_status(Errc::input);
}

} // namespace

void add_check_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<CheckOptions>();
    CLI::App* command = app.add_subcommand("check", "Whether platforms take a file, whoever made it");
    command->add_option("files", options->files, "Media files")->required();
    command->add_option("-p,--preset", options->presets, "Delivery preset of the platform (may be repeated)")
        ->required();
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = check_all(*options, session); });
}

} // namespace longtake::app
