#include "pipeline/app/report/report.h"
#include "pipeline/app/report/open.h"
#include "pipeline/app/session.h"

#include <memory>

namespace longtake::app {
namespace {

struct ReportOptions {
    StreamOptions streams;
    std::filesystem::path run;
    bool open = false;
};

int make_report(const ReportOptions& options, Session& session)
{
    configure(options.streams, session);
    const std::filesystem::path page = std::filesystem::absolute(write_report(made_run(options.run)));
    session.console.print(page.string());
    session.console.result({{"file", page.string()}});
    if (options.open) {
        open_in_browser(page.string(), session);
    }
    return 0;
}

} // namespace

void add_report_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<ReportOptions>();
    CLI::App* command =
        app.add_subcommand("report", "Show a run as a page: film, shots, joins, sound, files and money");
    command->add_option("run", options->run, "Working directory, its run.json, or the storyboard it belongs to")
        ->required();
    command->add_flag("--open", options->open, "Open it in the browser");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = make_report(*options, session); });
}

} // namespace longtake::app
