#include "pipeline/app/plan_text.h"
#include "pipeline/app/storyboard_options.h"

#include <memory>

namespace longtake::app {

void add_plan_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        StoryboardOptions board;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("plan", "Show every take that would be made, and its cost");
    add_board_options(*command, options->board);
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] {
        configure(options->streams, session);
        status = show_plan(plan_of(read_board(options->board), session), session);
    });
}

} // namespace longtake::app
