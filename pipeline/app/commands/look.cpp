#include "pipeline/flow/look/look.h"
#include "pipeline/app/storyboard_options.h"
#include "pipeline/app/temporary_workdir.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

struct LookOptions {
    StreamOptions streams;
    StoryboardOptions board;
    MakeOptions make;
    LookWish wish;
    std::optional<std::filesystem::path> output;
};

/// NAME-look.png beside the storyboard, where its working directory is too; of a film without one, here.
std::filesystem::path sheet_of(const LookOptions& options, const Storyboard& board)
{
    if (options.output) {
        if (std::filesystem::exists(*options.output) && !options.make.overwrite) {
            throw Error(Errc::usage, options.output->string() + ": is there already; -y overwrites it");
        }
        return *options.output;
    }
    if (board.file.empty()) {
        return "look.png";
    }
    return board.file.parent_path() / (board.file.stem().string() + "-look.png");
}

int look(LookOptions options, Session& session)
{
    configure(options.streams, session);
    const Storyboard board = read_board(options.board, options.make.presets, session);
    const std::filesystem::path file = sheet_of(options, board);
    const TemporaryWorkdir scratch;
    make_folder(scratch.get().stills());
    const FilmSetup setup = film_setup(options.make, scratch.get(), board, session);
    const Plan plan = plan_film(board, setup.options, setup.account);
    const Look look = look_at(board, plan, setup.options, setup.account, setup.observer, options.wish);
    write_atomic(file, look.png);
    session.console.print(fmt::format("{}: {} shots on {}, {}", file.string(), look.shots,
                                      fmt::join(look.canvases, ", "), look.size.text()));
    session.console.result(
        {{"file", file.string()}, {"shots", look.shots}, {"canvases", look.canvases}, {"size", look.size}});
    return 0;
}

} // namespace

void add_look_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<LookOptions>();
    CLI::App* command = app.add_subcommand("look", "Draw every shot and join of a film before it is made, as one PNG");
    add_board_options(*command, options->board);
    add_trust_option(*command, options->make.trust_project);
    command->add_option("--shot", options->wish.shot, "This shot alone")->type_name("ID");
    command->add_option("--canvas", options->wish.canvas, "This shape alone, of those the film is delivered in")
        ->type_name("W:H");
    command
        ->add_option("-p,--preset", options->make.presets,
                     "A campaign, or outputs to look at instead of the storyboard's")
        ->type_name("NAME");
    command->add_option("-o,--output", options->output, "The PNG (default: NAME-look.png beside the storyboard)")
        ->type_name("FILE");
    command->add_flag("-y,--overwrite", options->make.overwrite, "Replace the file named by -o");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = look(*options, session); });
}

} // namespace longtake::app
