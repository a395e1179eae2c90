#include "pipeline/app/config.h"
#include "pipeline/app/report/open.h"
#include "pipeline/app/session.h"
#include "pipeline/app/watch/watch_server.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

struct WatchOptions {
    StreamOptions streams;
    fs::path where;
    int port = 0;
    bool open = false;
    bool no_control = false;
};

/// A folder of ours alone, gone at the end.
class Scratch {
public:
    Scratch()
    {
        std::string name = (fs::temp_directory_path() / "longtake-watch-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw Error(Errc::storage, "cannot make a folder in '" + fs::temp_directory_path().string() + "'");
        }
        folder_ = name;
    }
    ~Scratch()
    {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    const fs::path& folder() const noexcept { return folder_; }

private:
    fs::path folder_;
};

/// A page that leads to the address and that nobody else can read, since everybody sees what programs are begun with.
fs::path signpost(const std::string& address, const fs::path& folder)
{
    fs::path page = folder / "open.html";
    write_atomic(page,
                 fmt::format("<!doctype html><meta charset=\"utf-8\"><title>longtake</title>"
                             "<meta http-equiv=\"refresh\" content=\"0; url={0}\"><a href=\"{0}\">longtake watch</a>",
                             address));
    return page;
}

int watch(const WatchOptions& options, Session& session)
{
    configure(options.streams, session);
    const Scratch scratch;
    WatchedRun run({options.where, OwnRuns::beside(load_config(session).spending), session.environment.program,
                    scratch.folder(), !options.no_control});
    const WatchServer server(run, options.port);
    session.console.print(server.address());
    session.console.note(fmt::format("whoever has this address sees {}{}; Ctrl-C ends the page, and not the run",
                                     options.where.string(), options.no_control ? "" : ", and steers it"));
    session.console.json_line({{"event", "listening"}, {"url", server.address()}, {"port", server.port()}});
    if (options.open) {
        open_in_browser(signpost(server.address(), scratch.folder()).string(), session);
    }
    run.watch(session.environment.stop);
    session.console.result({{"url", server.address()}});
    return 0;
}

} // namespace

void add_watch_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<WatchOptions>();
    CLI::App* command =
        app.add_subcommand("watch", "Show a run or a batch live as a page on this machine, and steer it");
    command
        ->add_option("where", options->where,
                     "Working directory, the folder of a batch's films, or the storyboard it belongs to")
        ->type_name("WORKDIR|DIR")
        ->required();
    command->add_option("--port", options->port, "Port on 127.0.0.1 (default: a free one)")
        ->check(CLI::Range(0, 65535));
    command->add_flag("--open", options->open, "Open it in the browser");
    command->add_flag("--no-control", options->no_control, "For looking alone: no pause, cancel, resume or approval");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = watch(*options, session); });
}

} // namespace longtake::app
