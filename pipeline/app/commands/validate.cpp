#include "pipeline/app/session.h"

#include "pipeline/app/campaign_check.h"
#include "pipeline/model/campaign/campaign.h"
#include "pipeline/model/preset.h"
#include "pipeline/model/schema/schema.h"
#include "pipeline/model/storyboard.h"

#include <memory>

namespace longtake::app {
namespace {

struct ValidateOptions {
    StreamOptions streams;
    std::filesystem::path file;
    bool trust_project = false;
};

/// A file says what it is in its "schema"; without one it is taken for a storyboard.
std::string format_of(const nlohmann::json& text)
{
    return text.is_object() && text.contains("schema") && text["schema"].is_string() ? text["schema"].get<std::string>()
                                                                                     : "longtake/storyboard/1";
}

std::vector<std::string> styles_named(const Storyboard& board)
{
    std::vector<std::string> names{board.brand};
    for (const Shot& shot : board.shots) {
        names.push_back(shot.card ? shot.card->style : "");
    }
    std::erase(names, "");
    return names;
}

void validate_storyboard(const nlohmann::json& text, const ValidateOptions& options, Session& session)
{
    const auto file = std::filesystem::absolute(options.file).lexically_normal();
    Storyboard board = storyboard_from_json(text, file.parent_path(), options.file.string());
    board.file = file;
    for (const std::string& preset : board.deliver) {
        load_preset(session.preset_dirs(), preset);
    }
    for (const std::string& style : styles_named(board)) {
        load_style(session.preset_dirs(), style);
    }
    plan_of(board, session, options.trust_project);
}

int validate(const ValidateOptions& options, Session& session)
{
    configure(options.streams, session);
    const nlohmann::json text = read_json(options.file, Pipes::allowed); // read once: a pipe is empty the second time
    const std::string format = format_of(text);
    if (format.starts_with("longtake/delivery")) {
        load_preset(session.preset_dirs(), options.file.string());
    } else if (format.starts_with("longtake/models")) {
        check_schema(text, "models", options.file.string());
    } else if (format.starts_with("longtake/brand")) {
        check_schema(text, "brand", options.file.string());
    } else if (format.starts_with("longtake/campaign")) {
        const CampaignCheck check = check_campaign(campaign_of(session.preset_dirs(), text, options.file), session);
        for (const std::string& problem : check.problems) {
            session.console.warn(problem);
        }
    } else {
        validate_storyboard(text, options, session);
    }
    session.console.print(options.file.string() + ": valid " + format);
    session.console.result({{"file", options.file.string()}, {"schema", format}});
    return 0;
}

} // namespace

void add_validate_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<ValidateOptions>();
    CLI::App* command = app.add_subcommand("validate", "Check a storyboard, preset or style against its schema");
    command->add_option("file", options->file, "JSON file of a storyboard, preset or style")->required();
    add_trust_option(*command, options->trust_project);
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = validate(*options, session); });
}

} // namespace longtake::app
