#include "pipeline/app/session.h"

#include "pipeline/app/plan_text.h"
#include "pipeline/app/storyboard_options.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

struct RunOptions {
    StreamOptions streams;
    StoryboardOptions board;
    MakeOptions make;
    bool dry_run = false;
};

Workdir workdir_of(const RunOptions& options, const Storyboard& board)
{
    if (options.make.workdir) {
        return {*options.make.workdir};
    }
    // Without a storyboard file the working directory lies beside the film it belongs to.
    return Workdir::beside(board.file.empty() ? options.make.output.value() : board.file);
}

void require_output(const RunOptions& options)
{
    if (options.board.storyboard.empty() && !options.make.output) {
        throw Error(Errc::usage, "run: without a storyboard, -o has to name the film; e.g. -o film.mp4");
    }
}

/// The command that goes on from here, as short as it can be.
std::string command_again(const RunOptions& options, const Storyboard& board)
{
    std::string command = "longtake run " + (board.file.empty() ? "..." : options.board.storyboard.string());
    if (options.board.provider) {
        command += " --provider " + *options.board.provider;
    }
    if (options.make.workdir) {
        command += " --workdir " + options.make.workdir->string();
    }
    return command;
}

int run_film(const RunOptions& options, Session& session)
{
    configure(options.streams, session);
    require_output(options);
    const Storyboard board = read_board(options.board);
    if (options.dry_run) {
        return show_plan(plan_of(board, session), session);
    }
    const Workdir workdir = workdir_of(options, board);
    FilmSettings settings = film_settings(options.make, workdir, config_folder(board), session);
    settings.again = command_again(options, board);
    try {
        return report(make_film(board, settings), session);
    } catch (const Error& error) {
        if (error.code() != Errc::interrupted) {
            throw;
        }
        throw Error(Errc::interrupted, "interrupted; what is finished is kept in '" + workdir.root.string() +
                                           "', the same command goes on from there");
    }
}

} // namespace

void add_run_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = app.add_subcommand("run", "Make the film of a storyboard");
    add_board_options(*command, options->board);
    add_make_options(*command, options->make);
    command->add_option("--workdir", options->make.workdir, "Where takes and state are kept")->type_name("DIR");
    command->add_flag("--yes", options->make.consent, "Agree to paid work without being asked");
    command->add_option("--max-cost", options->make.max_cost, "Refuse a plan that costs more, USD")
        ->check(CLI::NonNegativeNumber);
    command
        ->add_option("--resubmit", options->make.resubmit,
                     "Pay again for a shot whose take is ambiguous (its answer was lost); may be repeated")
        ->type_name("SHOT")
        ->allow_extra_args(false);
    command
        ->add_option("--adopt", options->make.adopt,
                     "An ambiguous take turned out to be this task of the service; may be repeated")
        ->type_name("SHOT=TASK")
        ->allow_extra_args(false);
    command->add_flag("--dry-run", options->dry_run, "Show the plan and stop");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = run_film(*options, session); });
}

} // namespace longtake::app
