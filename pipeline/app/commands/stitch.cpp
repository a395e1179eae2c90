#include "pipeline/app/session.h"

#include <memory>

namespace longtake::app {

void add_stitch_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        MakeOptions make;
        ClipOptions clip;
        std::vector<std::filesystem::path> clips;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("stitch", "Join clips, in the order they are named");
    command->add_option("clips", options->clips, "Video files")->required();
    add_make_options(*command, options->make);
    add_clip_options(*command, options->clip);
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] {
        configure(options->streams, session);
        if (!options->make.output && !options->clip.explain) {
            throw Error(Errc::usage, "stitch: -o has to name the film (or a folder); e.g. -o film.mp4");
        }
        const std::string title = options->make.output ? options->make.output->stem().string() : "stitch";
        status = make_from_clips(options->clips, title, options->clip, options->make, session);
    });
}

} // namespace longtake::app
