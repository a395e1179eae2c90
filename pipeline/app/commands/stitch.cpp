#include "pipeline/app/clip_film.h"
#include "pipeline/app/clip_list.h"

#include "pipeline/model/schema/schema.h"

#include <memory>

namespace longtake::app {
namespace {

struct StitchOptions {
    StreamOptions streams;
    MakeOptions make;
    ClipOptions clip;
    std::vector<std::string> clips;
    bool no_chapters = false;
};

int stitch(StitchOptions options, Session& session)
{
    configure(options.streams, session);
    if (!options.make.output && !options.clip.explain) {
        throw Error(Errc::usage, "stitch: -o has to name the film (or a folder); e.g. -o film.mp4");
    }
    options.clip.chapters = !options.no_chapters;
    const bool board = options.clips.size() == 1 && std::filesystem::path(options.clips.front()).extension() == ".json";
    if (board) {
        return make_from_board(board_of_clips(options.clips.front(), options.clip, !options.make.presets.empty()),
                               options.clip, options.make, session);
    }
    const std::string title = options.make.output ? options.make.output->stem().string() : "stitch";
    return make_from_clips(clips_of(options.clips), title, options.clip, options.make, session);
}

} // namespace

void add_stitch_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<StitchOptions>();
    CLI::App* command =
        app.add_subcommand("stitch", "Join clips in the order they are named, copying every frame no join touches");
    command
        ->add_option(
            "clips", options->clips,
            "Video files; folders and patterns (in natural order: clip2 before clip10); @LIST or LIST.txt with a "
            "path a line; or one storyboard of clips")
        ->required();
    add_make_options(*command, options->make);
    add_clip_options(*command, options->clip);
    command->add_flag("--no-chapters", options->no_chapters, "No chapter for each clip");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = stitch(*options, session); });
}

} // namespace longtake::app
