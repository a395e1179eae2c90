#include "pipeline/app/session.h"

#include "pipeline/app/plan_text.h"
#include "pipeline/app/rehearsal.h"
#include "pipeline/app/report/report.h"
#include "pipeline/app/storyboard_options.h"
#include "pipeline/app/watch/own_runs.h"
#include "pipeline/flow/foresight.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

struct RunOptions {
    StreamOptions streams;
    StoryboardOptions board;
    MakeOptions make;
    bool dry_run = false;
    bool sandbox = false;
    bool no_poster = false;
    bool no_report = false;
    std::optional<std::filesystem::path> framing;
    std::optional<std::filesystem::path> cut;
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
std::string resume_command(const RunOptions& options, const Storyboard& board)
{
    std::string command = "longtake run " + (board.file.empty() ? "..." : options.board.storyboard.string());
    if (options.board.provider) {
        command += " --provider " + *options.board.provider;
    }
    if (options.make.workdir) {
        command += " --workdir " + options.make.workdir->string();
    }
    if (options.cut) {
        command += " --timeline " + options.cut->string();
    }
    return command;
}

/// A page that cannot be written does not undo what was done.
void leave_report(const RunOptions& options, const Workdir& workdir, Session& session)
{
    if (options.no_report || !std::filesystem::exists(workdir.record())) {
        return;
    }
    try {
        const std::filesystem::path page = write_report(made_run(workdir.root));
        session.console.note("report: " + page.string());
    } catch (const Error& error) {
        session.console.warn(std::string("warning: report: ") + error.what());
    }
}

/// Where the films go.
std::filesystem::path films_folder(const RunOptions& options, const Workdir& workdir)
{
    if (!options.make.output) {
        return workdir.out();
    }
    const std::filesystem::path output = std::filesystem::absolute(*options.make.output).lexically_normal();
    return output.has_extension() && !std::filesystem::is_directory(output) ? output.parent_path() : output;
}

int run_film(RunOptions options, Session& session)
{
    configure(options.streams, session);
    if (options.sandbox) {
        const Rehearsal rehearsal(session);
        Session inside{session.console, rehearsal.environment(), session.command_line, session.arguments};
        options.sandbox = false;
        options.make = Rehearsal::agreed(std::move(options.make));
        return run_film(options, inside);
    }
    require_output(options);
    const Storyboard board = read_board(options.board, options.make.presets, session);
    const Workdir workdir = workdir_of(options, board);
    FilmSetup setup = film_setup(options.make, workdir, board, session);
    if (options.dry_run) {
        const Plan plan = plan_film(board, setup.options, setup.account);
        return show_plan(plan, look_ahead(plan, setup.options, setup.account), session);
    }
    setup.options.resume_command = resume_command(options, board);
    setup.options.command = session.command_line;
    setup.options.posters = !options.no_poster;
    setup.options.framing = options.framing;
    setup.options.cut = options.cut;
    setup.options.report = !options.no_report;
    OwnRuns::beside(setup.account.spending)
        .remember(workdir.root, {session.arguments, std::filesystem::current_path(), films_folder(options, workdir)});
    try {
        const FilmResult film = make_film(board, setup.options, setup.account, setup.observer);
        leave_report(options, workdir, session);
        return report(film, session);
    } catch (const Error& error) {
        leave_report(options, workdir, session);
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
    command
        ->add_option("--framing", options->framing,
                     "Windows over footage of another shape: read from this file where it has them, else written to it")
        ->type_name("FILE");
    command
        ->add_option(
            "--timeline", options->cut,
            "A cut (.otio, .edl) of this film's shots: shown in its order, trimmed as it says; nothing is paid anew")
        ->type_name("FILE");
    command->add_flag("--no-poster", options->no_poster, "No picture beside each film of a folder");
    command->add_flag("--no-report", options->no_report, "No page about the run in its working directory");
    add_money_options(*command, options->make, "Refuse a plan that costs more, USD");
    command
        ->add_option("--resubmit", options->make.resubmit,
                     "Pay again for a shot whose take was sent and has not come home; may be repeated")
        ->type_name("SHOT")
        ->allow_extra_args(false);
    command
        ->add_option("--adopt", options->make.adopt,
                     "A take that has not come home turned out to be this task of the service; may be repeated")
        ->type_name("SHOT=TASK")
        ->allow_extra_args(false);
    command
        ->add_option("--accept", options->make.accept,
                     "Take a shot's footage as it came, though it failed its check; may be repeated")
        ->type_name("SHOT")
        ->allow_extra_args(false);
    command->add_flag("--sandbox", options->sandbox,
                      "Rehearse: against a local server that speaks the provider's protocol, without keys or cost");
    command->add_flag("--dry-run", options->dry_run, "Show the plan and stop");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = run_film(*options, session); });
}

} // namespace longtake::app
