#include "pipeline/app/session.h"

#include "pipeline/flow/workdir.h"
#include "stages/deliver/segment_store.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

struct CleanOptions {
    StreamOptions streams;
    std::filesystem::path workdir;
};

int clean(const CleanOptions& options, Session& session)
{
    configure(options.streams, session);
    const Workdir workdir = Workdir::of(options.workdir);
    const stages::StoreSize freed = stages::clear_store(workdir.segments());
    const stages::StoreSize kept = stages::size_of_store(workdir.segments());
    session.console.print(
        fmt::format("{} encoded segments removed, {} freed", freed.segments, bytes_text(freed.bytes)));
    if (kept.segments > 0) {
        session.console.note(fmt::format("note: {} are in use by a run and stay", kept.segments));
    }
    session.console.result({{"workdir", workdir.root.string()},
                            {"removed", {{"count", freed.segments}, {"bytes", freed.bytes}}},
                            {"kept", {{"count", kept.segments}, {"bytes", kept.bytes}}}});
    return 0;
}

} // namespace

void add_clean_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<CleanOptions>();
    CLI::App* command = app.add_subcommand(
        "clean", "Remove the encoded pieces of films that a working directory keeps; footage and ledger stay");
    command->add_option("workdir", options->workdir, "Working directory, or the storyboard it belongs to")->required();
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = clean(*options, session); });
}

} // namespace longtake::app
