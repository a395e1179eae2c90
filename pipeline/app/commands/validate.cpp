#include "pipeline/app/session.h"

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

void validate_storyboard(const nlohmann::json& text, const ValidateOptions& options, Session& session)
{
    const auto file = std::filesystem::absolute(options.file).lexically_normal();
    Storyboard board = storyboard_from_json(text, file.parent_path(), options.file.string());
    board.file = file;
    for (const std::string& preset : board.deliver) {
        load_preset(session.preset_dirs(), preset);
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
    CLI::App* command = app.add_subcommand("validate", "Check a storyboard or preset against its schema");
    command->add_option("file", options->file, "Storyboard or preset JSON file")->required();
    add_trust_option(*command, options->trust_project);
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = validate(*options, session); });
}

} // namespace longtake::app
