#include "pipeline/app/session.h"

#include "pipeline/app/batch_text.h"
#include "pipeline/app/fleet/fleet_options.h"
#include "pipeline/app/rehearsal.h"
#include "pipeline/app/storyboard_options.h"
#include "pipeline/app/watch/own_runs.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/batch/batch.h"
#include "pipeline/flow/fleet/fleet_batch.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

struct Flags {
    StreamOptions streams;
    MakeOptions make;
    fs::path rows;
    std::string source;
    std::vector<std::string> set;
    std::optional<std::string> provider;
    std::string naming;
    std::vector<std::string> columns;
    std::string matrix;
    std::vector<std::string> only;
    std::optional<std::size_t> limit;
    bool demo = false;
    bool retry_failed = false;
    bool allow_remote = false;
    bool no_poster = false;
    bool sandbox = false;
    bool dry_run = false;
    bool no_work = false;
    FleetOptions fleet;
};

/// "a,b" of several flags, each by itself.
std::vector<std::string> parted(const std::string& text, char at)
{
    std::vector<std::string> parts;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(at, start), text.size());
        if (end > start) {
            parts.push_back(text.substr(start, end - start));
        }
        start = end + 1;
    }
    return parts;
}

std::map<std::string, std::string> aliases_of(const Flags& flags)
{
    std::map<std::string, std::string> aliases;
    for (const std::string& column : flags.columns) {
        const Assignment alias = parse_assignment(column, {});
        aliases[alias.key] = alias.value.get<std::string>();
    }
    return aliases;
}

/// "headline=@headlines.txt,cta=Buy|Order": of a file a value a line.
std::vector<std::pair<std::string, std::vector<std::string>>> matrix_of(const std::string& text)
{
    std::vector<std::pair<std::string, std::vector<std::string>>> matrix;
    for (const std::string& part : parted(text, ',')) {
        const Assignment one = parse_assignment(part, {});
        const auto values = one.value.get<std::string>();
        matrix.emplace_back(one.key,
                            values.starts_with('@') ? parted(read_text(values.substr(1)), '\n') : parted(values, '|'));
        if (matrix.back().second.empty()) {
            throw Error(Errc::usage, "--matrix: '" + one.key + "' has no values");
        }
    }
    return matrix;
}

BatchSource source_of(Flags& flags, Session& session)
{
    BatchSource source;
    source.source = open_template(with_presets_here(session.preset_dirs()), flags.source);
    source.canvases =
        canvases_of(flags.make.presets.empty() ? source.source.deliver() : flags.make.presets, session.preset_dirs());
    source.folder = fs::absolute(flags.rows).parent_path();
    for (const std::string& assignment : flags.set) {
        source.given.push_back(parse_assignment(assignment, fs::current_path()));
    }
    source.provider = flags.provider;
    source.naming = flags.naming;
    source.demo = flags.demo ? Demo::examples : Demo::no;
    source.matrix = matrix_of(flags.matrix);
    return source;
}

/// What configuration has to know of the films: their provider, and where their storyboard lies.
Storyboard outline_of(const BatchSource& source)
{
    Storyboard outline;
    const nlohmann::json& board =
        source.source.campaign ? source.source.campaign->storyboard : source.source.storyboard;
    outline.provider = source.provider.value_or(board.is_object() ? board.value("provider", "local") : "local");
    outline.file = source.source.file;
    outline.deliver = source.source.deliver();
    return outline;
}

std::string quoted(const std::string& word)
{
    const bool plain = word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/=:") ==
                       std::string::npos;
    if (plain && !word.empty()) {
        return word;
    }
    std::string text = "'";
    for (const char c : word) {
        text += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return text + "'";
}

std::string repeat_command(const Flags& flags)
{
    std::string command = "longtake batch " + quoted(flags.rows.string()) + " -s " + quoted(flags.source) + " -o " +
                          quoted(flags.make.output->string());
    const auto add = [&](const std::string& flag, const std::vector<std::string>& values) {
        for (const std::string& value : values) {
            command += " " + flag + " " + quoted(value);
        }
    };
    add("-p", flags.make.presets);
    add("--set", flags.set);
    add("--column", flags.columns);
    if (flags.provider) {
        add("--provider", {*flags.provider});
    }
    if (!flags.naming.empty()) {
        add("--name", {flags.naming});
    }
    if (!flags.matrix.empty()) {
        add("--matrix", {flags.matrix});
    }
    return command + (flags.make.rehearsal_account.empty() ? "" : " --sandbox");
}

BatchOptions options_of(const Flags& flags, const FilmSetup& setup, Session& session)
{
    BatchOptions options;
    options.output = fs::absolute(*flags.make.output).lexically_normal();
    options.film = setup.options;
    options.film.posters = !flags.no_poster;
    options.film.consent = [](const Plan&, const Foresight&) { return true; }; // asked of the whole batch
    options.films_at_once = setup.options.jobs;
    options.film.jobs = 1; // the films are what goes on at once
    for (const std::string& rows : flags.only) {
        const std::vector<std::string> names = parted(rows, ',');
        options.only.insert(names.begin(), names.end());
    }
    options.limit = flags.limit;
    options.retry_failed = flags.retry_failed;
    options.allow_remote = flags.allow_remote;
    options.repeat_command = repeat_command(flags);
    options.watch_signals = session.environment.watch_signals;
    const bool waits = flags.make.approve && !can_ask(session);
    if (!waits) {
        options.consent = [&session, yes = flags.make.consent && !flags.make.approve](const BatchPlan& plan,
                                                                                      double spent) {
            return yes || (can_ask(session) && session.environment.ask(batch_question(plan, spent)));
        };
    }
    return options;
}

/// What was left to workers.
int report_queued(const BatchResult& result, Session& session)
{
    const std::size_t done = result.done();
    session.console.settle();
    session.console.print(fmt::format("{} rows are queued{}; `longtake worker` makes them, and this command without "
                                      "--no-work brings what they made",
                                      result.rows.size(), done > 0 ? fmt::format(", {} of them done", done) : ""));
    session.console.result({{"queued", result.rows.size()}, {"done", done}});
    return 0;
}

/// The same for whoever has the ledger and the store together.
int fleet_batch(const Flags& flags, const BatchSource& source, const std::vector<TableRow>& table,
                const BatchOptions& options, const FilmSetup& setup, Session& session)
{
    WorkerOptions worker;
    worker.place = fleet_place(flags.fleet, session);
    worker.films_at_once = options.films_at_once;
    worker.watch_signals = options.watch_signals;
    check_store(*worker.place.store);
    const BatchResult result =
        make_fleet_batch(source, table, options, setup.account, setup.observer, worker, !flags.no_work);
    return flags.no_work ? report_queued(result, session) : report_batch(result, session);
}

int batch(Flags flags, Session& session)
{
    configure(flags.streams, session);
    const bool fleet = !ledger_address(flags.fleet, session).empty();
    if (flags.no_work && !fleet) {
        throw Error(Errc::usage, "--no-work queues rows for workers, and needs the ledger that they look in: --ledger");
    }
    if (flags.make.approve && fleet) {
        throw Error(Errc::usage,
                    "--approve waits for a page or a terminal of this machine, and the rows of a ledger are "
                    "for all; look at --dry-run, then queue them with --yes");
    }
    if (flags.sandbox && fleet) {
        throw Error(Errc::usage, "--sandbox is a server of this process alone, which other workers cannot reach; start "
                                 "`longtake sandbox` beside them, and give all of them its address");
    }
    if (flags.sandbox) {
        const Rehearsal rehearsal(session);
        Session inside{session.console, rehearsal.environment(), session.command_line, session.arguments};
        flags.sandbox = false;
        flags.make = Rehearsal::agreed(std::move(flags.make));
        return batch(flags, inside);
    }
    const BatchSource source = source_of(flags, session);
    const std::vector<TableRow> table = read_table(flags.rows, aliases_of(flags));
    const FilmSetup setup = film_setup(flags.make, {batch_folder(*flags.make.output)}, outline_of(source), session);
    const BatchOptions options = options_of(flags, setup, session);
    if (flags.dry_run) {
        return show_batch_plan(plan_batch(source, table, options, setup.account, session.environment.stop), session);
    }
    if (fleet) {
        return fleet_batch(flags, source, table, options, setup, session);
    }
    OwnRuns::beside(setup.account.spending)
        .remember(batch_folder(options.output), {session.arguments, fs::current_path(), options.output});
    return report_batch(make_batch(source, table, options, setup.account, setup.observer), session);
}

void add_row_options(CLI::App& command, Flags& flags)
{
    command.add_option("rows", flags.rows, "CSV or JSON Lines: a film a row, a variable a column")->required();
    command.add_option("-s,--storyboard", flags.source, "Campaign (`longtake presets list`) or storyboard file")
        ->type_name("NAME|FILE")
        ->required();
    command.add_option("--set", flags.set, "A value for all rows: KEY=VALUE")->allow_extra_args(false);
    command.add_flag("--demo", flags.demo, "The campaign's own examples for what no row gives");
    command.add_option("--column", flags.columns, "What a column is called here: HEAD=VARIABLE")
        ->allow_extra_args(false);
    command.add_option("--name", flags.naming, "Names of the files, of columns: \"${sku}-${number}\"")
        ->type_name("PATTERN");
    command
        .add_option("--matrix", flags.matrix,
                    "Variations of each row: VARIABLE=@FILE or VARIABLE=A|B, several parted by commas")
        ->type_name("...");
    command.add_option("--only", flags.only, "These rows alone, by number or name: 3,7 or cup,mug")
        ->type_name("ROW,...");
    command.add_option("--limit", flags.limit, "No more than so many rows")->type_name("N");
    command.add_flag("--allow-remote", flags.allow_remote,
                     "Fetch pictures, clips and sounds that rows give addresses of");
    command.add_flag("--retry-failed", flags.retry_failed, "Try again what failed for a reason of its own");
}

} // namespace

void add_batch_command(CLI::App& app, Session& session, Status& status)
{
    auto flags = std::make_shared<Flags>();
    CLI::App* command = app.add_subcommand("batch", "Make a film of every row of a table");
    add_row_options(*command, *flags);
    command->add_option("--provider", flags->provider, "Overrides the storyboard's provider")->type_name("NAME");
    add_make_options(*command, flags->make);
    command->get_option("--output")->description("The folder of the films")->required();
    command->get_option("--jobs")->description("Films made at once (default: one per core)");
    command->add_flag("--no-poster", flags->no_poster, "No picture beside each film");
    add_money_options(*command, flags->make, "Refuse to pay more for the whole batch, USD");
    command->add_flag("--sandbox", flags->sandbox, "Rehearse: against a local server, without keys or cost");
    add_fleet_options(*command, flags->fleet);
    command->add_flag("--no-work", flags->no_work, "With --ledger: queue the rows, and leave them to workers");
    command->add_flag("--dry-run", flags->dry_run, "Check and price every row, and stop");
    add_stream_options(*command, flags->streams);
    command->callback([flags, &session, &status] { status = batch(*flags, session); });
}

} // namespace longtake::app
