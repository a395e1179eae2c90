#include "pipeline/app/session.h"

#include "pipeline/app/run_folder.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/record/exported_cut.h"
#include "pipeline/interchange/formats.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

struct ExportOptions {
    StreamOptions streams;
    std::filesystem::path run;
    std::string format;
    std::optional<std::filesystem::path> output;
    bool overwrite = false;
};

/// What is asked for; else what the file's name says; else OpenTimelineIO.
const interchange::Format& format_of(const ExportOptions& options)
{
    if (!options.format.empty()) {
        return interchange::format_named(options.format);
    }
    if (options.output && options.output->has_extension()) {
        return interchange::format_named(options.output->extension().string().substr(1));
    }
    return interchange::formats().front();
}

int export_cut(const ExportOptions& options, Session& session)
{
    configure(options.streams, session);
    const interchange::Format& format = format_of(options);
    const MadeRun run = made_run(options.run);
    const std::filesystem::path file =
        options.output.value_or(run.folder / (std::string("timeline") + format.extension));
    if (options.output && std::filesystem::exists(file) && !options.overwrite) {
        throw Error(Errc::usage, file.string() + ": is there already; -y overwrites it");
    }
    const interchange::Cut cut = exported_cut(run.record, run.folder);
    write_atomic(file, format.write(cut));
    const Timeline& film = cut.timeline;
    session.console.print(file.string());
    session.console.note(fmt::format("{}: {} shots, {} frames at {} fps", format.name, film.items.size(), film.frames(),
                                     film.rate.text()));
    session.console.result({{"file", file.string()},
                            {"format", format.name},
                            {"shots", film.items.size()},
                            {"frames", film.frames()},
                            {"rate", film.rate}});
    return 0;
}

} // namespace

void add_export_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<ExportOptions>();
    CLI::App* command = app.add_subcommand("export", "Write a film's cut for editing programs");
    command->add_option("run", options->run, "Working directory, its run.json, or the storyboard it belongs to")
        ->required();
    command
        ->add_option(
            "--to", options->format,
            "otio (OpenTimelineIO), edl (CMX 3600), fcpxml (Final Cut Pro 1.10) or mlt (melt, Shotcut, Kdenlive)")
        ->type_name("FORMAT");
    command->add_option("-o,--output", options->output, "The file (default: timeline.FORMAT in the working directory)")
        ->type_name("FILE");
    command->add_flag("-y,--overwrite", options->overwrite, "Replace the file named by -o");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = export_cut(*options, session); });
}

} // namespace longtake::app
