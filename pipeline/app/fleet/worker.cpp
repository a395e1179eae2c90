#include "pipeline/flow/fleet/worker.h"
#include "pipeline/app/fleet/fleet_options.h"
#include "pipeline/app/fleet/metrics.h"
#include "pipeline/app/number_option.h"
#include "pipeline/app/session.h"
#include "pipeline/base/parallel.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

struct WorkerFlags {
    StreamOptions streams;
    FleetOptions fleet;
    std::optional<int> jobs;
    double stall_minutes = 10;
    std::string metrics; ///< address; empty: they are not served
    bool until_done = false;
};

int run_worker(const WorkerFlags& flags, Session& session)
{
    configure(flags.streams, session);
    Storyboard nothing; // rows bring their own; configuration is the user's alone
    nothing.provider = "local";
    const FilmSetup setup = film_setup({}, {}, nothing, session);
    WorkerOptions options;
    options.place = fleet_place(flags.fleet, session);
    options.films_at_once = flags.jobs.value_or(setup.options.jobs);
    options.until_done = flags.until_done;
    options.stall = std::chrono::seconds(static_cast<std::int64_t>(flags.stall_minutes * 60));
    options.watch_signals = session.environment.watch_signals;
    check_store(*options.place.store);
    std::optional<WorkerMetrics> metrics;
    std::optional<MetricsServer> served;
    if (!flags.metrics.empty()) {
        open_database(options.place.ledger, true); // makes the tables, which who serves numbers only looks at
        metrics.emplace(options.place.ledger, thread_count(options.films_at_once));
        served.emplace(flags.metrics, *metrics);
        options.progress = [&](const WorkerTally& tally, std::size_t at_work) { metrics->update(tally, at_work); };
        session.console.note(fmt::format("metrics at port {}", served->port()));
    }
    const WorkerTally tally = work_at_rows(options, setup.account, setup.observer);
    session.console.print(
        fmt::format("{} films made, {} failed or given back, {} crashed", tally.films, tally.others, tally.crashes));
    session.console.result({{"films", tally.films}, {"others", tally.others}, {"crashes", tally.crashes}});
    return setup.observer.stopped() ? exit_status(Errc::interrupted) : 0;
}

} // namespace

void add_worker_command(CLI::App& app, Session& session, Status& status)
{
    auto flags = std::make_shared<WorkerFlags>();
    CLI::App* command = app.add_subcommand("worker", "Make films of rows that `batch --ledger` has queued");
    add_fleet_options(*command, flags->fleet);
    command->add_option("-j,--jobs", flags->jobs, "Films made at once (default: one per core)")
        ->check(number_between(1, 64))
        ->type_name("FILMS");
    command->add_flag("--until-done", flags->until_done, "End once no row is open or at work");
    command
        ->add_option("--stall", flags->stall_minutes,
                     "A film that gives no sign of life for so long is ended, and begun again")
        ->check(number_between(0.01, 1e6))
        ->type_name("MINUTES");
    add_stream_options(*command, flags->streams);
    command->add_option("--metrics", flags->metrics, "Serve numbers for Prometheus at http://HOST:PORT/metrics")
        ->type_name("HOST:PORT");
    command->callback([flags, &session, &status] { status = run_worker(*flags, session); });
}

} // namespace longtake::app
