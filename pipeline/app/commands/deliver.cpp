#include "pipeline/app/clip_film.h"

#include <memory>

namespace longtake::app {

void add_deliver_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        MakeOptions make;
        ClipOptions clip;
        std::filesystem::path input;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("deliver", "Encode one master into platform files, decoding it once");
    command->add_option("input", options->input, "Video file")->required();
    add_make_options(*command, options->make);
    add_clip_options(*command, options->clip);
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] {
        configure(options->streams, session);
        if (options->make.presets.empty()) {
            throw Error(Errc::usage, "deliver: -p names at least one preset; `longtake presets` lists them");
        }
        if (!options->make.output && !options->clip.explain) {
            throw Error(Errc::usage, "deliver: -o names the folder for the files");
        }
        status = make_from_clips({{options->input, std::nullopt, std::nullopt}}, options->input.stem().string(),
                                 options->clip, options->make, session);
    });
}

} // namespace longtake::app
