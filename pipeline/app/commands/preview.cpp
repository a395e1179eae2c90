#include "pipeline/app/session.h"

#include "pipeline/app/storyboard_options.h"
#include "pipeline/app/temporary_workdir.h"
#include "pipeline/base/files.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/preview/animatic.h"
#include "pipeline/flow/preview/storyboard_sheet.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

struct PreviewOptions {
    StreamOptions streams;
    StoryboardOptions board;
    MakeOptions make;
    std::optional<fs::path> output;
    std::optional<fs::path> sheet;
};

/// NAME-preview.mp4 beside the storyboard; of a film without one, here.
fs::path animatic_file(const PreviewOptions& options, const Storyboard& board)
{
    if (options.output) {
        return *options.output;
    }
    return board.file.empty() ? fs::path("preview.mp4")
                              : board.file.parent_path() / (board.file.stem().string() + "-preview.mp4");
}

void need_free(const std::optional<fs::path>& file, bool overwrite)
{
    if (file && fs::exists(*file) && !overwrite) {
        throw Error(Errc::usage, file->string() + ": is there already; -y overwrites it");
    }
}

SheetForm form_of(const fs::path& file)
{
    if (file.extension() == ".png") {
        return SheetForm::png;
    }
    if (file.extension() == ".pdf") {
        return SheetForm::pdf;
    }
    throw Error(Errc::usage, file.string() + ": a storyboard sheet is a .png or a .pdf; name it so");
}

int make_preview(PreviewOptions options, Session& session)
{
    configure(options.streams, session);
    need_free(options.output, options.make.overwrite);
    need_free(options.sheet, options.make.overwrite);
    if (options.sheet) {
        form_of(*options.sheet); // before anything is drawn
    }
    const Storyboard board = read_board(options.board, options.make.presets, session);
    const TemporaryWorkdir scratch;
    make_folder(scratch.get().stills());
    make_folder(scratch.get().scratch());
    const FilmSetup setup = film_setup(options.make, scratch.get(), board, session);
    const Plan plan = plan_film(board, setup.options, setup.account);
    if (options.sheet) {
        write_atomic(*options.sheet, storyboard_sheet(board, plan, setup.options, setup.account, setup.observer,
                                                      form_of(*options.sheet)));
        session.console.print(fmt::format("{}: {} shots", options.sheet->string(), plan.shots.size()));
        session.console.result({{"file", options.sheet->string()}, {"shots", plan.shots.size()}});
        return 0;
    }
    const fs::path file = animatic_file(options, board);
    const Animatic made = make_animatic(board, plan, setup.options, setup.account, setup.observer, file);
    session.console.settle();
    session.console.print(fmt::format("{}: {} frames, {}, {} fps, {}", file.string(), made.frames, made.size.text(),
                                      made.rate.text(), clock_text(made.rate.seconds(made.frames))));
    session.console.result(
        {{"file", file.string()}, {"frames", made.frames}, {"size", made.size}, {"rate", made.rate}});
    return 0;
}

} // namespace

void add_preview_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<PreviewOptions>();
    CLI::App* command = app.add_subcommand(
        "preview", "Make a film small and at once, with pictures in the place of what is to be generated");
    add_board_options(*command, options->board);
    add_trust_option(*command, options->make.trust_project);
    command
        ->add_option("-p,--preset", options->make.presets,
                     "A campaign, or outputs whose shape to preview instead of the storyboard's")
        ->type_name("NAME");
    command->add_option("-o,--output", options->output, "The MP4 (default: NAME-preview.mp4 beside the storyboard)")
        ->type_name("FILE");
    command->add_option("--sheet", options->sheet, "Instead, the storyboard as a sheet with costs: a .png or a .pdf")
        ->type_name("FILE");
    command->add_flag("-y,--overwrite", options->make.overwrite, "Replace the file that is named");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = make_preview(*options, session); });
}

} // namespace longtake::app
