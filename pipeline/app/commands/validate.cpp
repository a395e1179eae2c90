#include "pipeline/app/session.h"

#include "pipeline/model/preset.h"
#include "pipeline/model/schema.h"
#include "pipeline/model/storyboard.h"

#include <memory>

namespace longtake::app {
namespace {

struct ValidateOptions {
    StreamOptions streams;
    std::filesystem::path file;
};

/// A file says what it is in its "schema"; without one it is taken for a storyboard.
std::string format_of(const std::filesystem::path& file)
{
    const nlohmann::json text = read_json(file);
    return text.is_object() && text.contains("schema") && text["schema"].is_string() ? text["schema"].get<std::string>()
                                                                                     : "longtake/storyboard/1";
}

int validate(const ValidateOptions& options, Session& session)
{
    configure(options.streams, session);
    const std::string format = format_of(options.file);
    if (format.starts_with("longtake/delivery")) {
        load_preset(session.preset_dirs(), options.file.string());
    } else if (format.starts_with("longtake/models")) {
        check_schema(read_json(options.file), "models", options.file.string());
    } else {
        const Storyboard board = load_storyboard(options.file);
        for (const std::string& preset : board.deliver) {
            load_preset(session.preset_dirs(), preset);
        }
        plan_of(board, session);
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
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = validate(*options, session); });
}

} // namespace longtake::app
