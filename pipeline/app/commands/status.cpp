#include "pipeline/app/fleet/fleet_text.h"
#include "pipeline/app/session.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/batch/batch.h"
#include "pipeline/flow/workdir.h"
#include "pipeline/ledger/ledger.h"
#include "stages/deliver/segment_store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <map>
#include <memory>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct StatusOptions {
    StreamOptions streams;
    fs::path workdir; ///< or the name of a batch of the ledger
    FleetOptions fleet;
};

constexpr std::int64_t k_day = 24 * 3600;
constexpr std::int64_t k_keeps = 30 * k_day; ///< how long Kling keeps a result, and lets it be extended
constexpr std::int64_t k_soon = 5 * k_day;

/// "2026-12-21"
std::string day_of(std::int64_t seconds)
{
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

/// What of a take needs somebody's attention, or is good to know; empty if nothing.
std::string remark(const TakeRecord& take, std::int64_t now)
{
    switch (take.state) {
    case TakeState::ambiguous:
    case TakeState::intent:
        return fmt::format("{}{}{}: --adopt {}=TASK or --resubmit {}", take.message, take.message.empty() ? "" : "; ",
                           take.job.empty() ? "may have been accepted" : "accepted as job " + take.job, take.name(),
                           take.name());
    case TakeState::submitted: {
        const std::int64_t gone = take.submitted + k_keeps;
        return fmt::format(
            "job {}{}{}", take.job,
            take.footage.contains("rejected")
                ? fmt::format(", its footage failed its check: --accept {} or --resubmit {}", take.name(), take.name())
                : "",
            gone - now < k_soon ? fmt::format(", fetch it: the service deletes it on {}", day_of(gone)) : "");
    }
    case TakeState::done:
        if (take.expires == 0) {
            return {};
        }
        if (take.expires < now) {
            return fmt::format("cannot be extended since {}", day_of(take.expires));
        }
        return fmt::format("can be extended until {}{}", day_of(take.expires),
                           take.expires - now < k_soon ? " (soon)" : "");
    case TakeState::refused:
        if (take.owed()) {
            return fmt::format("{}; --resubmit {} pays again", take.message, take.name());
        }
        break;
    case TakeState::waiting: break;
    }
    return take.message;
}

json row_of(const TakeRecord& take)
{
    json row = {{"shot", take.shot},   {"index", take.index},       {"kind", take.kind},
                {"model", take.model}, {"provider", take.provider}, {"state", word(take.state)}};
    row["estimate"] = take.estimate ? json(*take.estimate) : json();
    row["charged"] = take.charged ? json(*take.charged) : json();
    row["rehearsal"] = take.rehearsal;
    if (!take.message.empty()) {
        row["message"] = take.message;
    }
    if (!take.job.empty() && take.provider != "local") {
        row["job"] = take.job;
    }
    if (take.expires > 0) {
        row["expires"] = day_of(take.expires);
    }
    if (take.state == TakeState::done) {
        const auto& footage = take.footage.at("footage");
        row["file"] = footage.at("file");
        row["frames"] = footage.at("frames");
    }
    return row;
}

/// How the rows of a batch stand, those that are not done by name.
int show_batch(const std::filesystem::path& folder, Session& session)
{
    json rows = json::array();
    std::map<std::string, int> counts;
    for (const RowState& row : read_row_states(folder)) {
        ++counts[row.outcome];
        if (!row.done()) {
            session.console.print(fmt::format("row {:<5} {:<24} {:<10} {}", row.number, row.name, row.outcome,
                                              row.message.substr(0, row.message.find('\n'))));
        }
        rows.push_back({{"row", row.number}, {"name", row.name}, {"state", row.outcome}, {"paid", row.paid}});
    }
    std::vector<std::string> words;
    for (const auto& [outcome, count] : counts) {
        words.push_back(fmt::format("{} {}", count, outcome));
    }
    const std::unique_ptr<Ledger> ledger = open_ledger(Workdir{folder}.ledger(), Durability::read_only);
    const double rehearsed = ledger->spent(true);
    session.console.print(fmt::format("{} rows were run: {}; ${:.2f} spent{}", rows.size(), join(words),
                                      ledger->spent(false),
                                      rehearsed > 0 ? fmt::format(", ${:.2f} rehearsed", rehearsed) : ""));
    session.console.result(
        {{"rows", rows}, {"counts", counts}, {"spent", ledger->spent(false)}, {"rehearsed", rehearsed}});
    return 0;
}

int show_status(const StatusOptions& options, Session& session)
{
    configure(options.streams, session);
    if (options.fleet.ledger) {
        return show_fleet(*options.fleet.ledger, options.workdir.string(), session);
    }
    if (options.workdir.empty()) {
        throw Error(Errc::usage, "name a working directory, or --ledger ADDRESS for the rows of many machines");
    }
    if (const auto batch = batch_folder(options.workdir); std::filesystem::is_directory(batch)) {
        return show_batch(batch, session);
    }
    const Workdir workdir = Workdir::of(options.workdir);
    const std::unique_ptr<Ledger> ledger = open_ledger(workdir.ledger(), Durability::read_only);
    json rows = json::array();
    for (const TakeRecord& take : ledger->takes()) {
        rows.push_back(row_of(take));
        session.console.print(fmt::format("{:<14} take {:<2} {:<7} {:<10} {:<18} {:<10} {}", take.shot, take.index,
                                          take.kind, take.provider, take.model, word(take.state),
                                          remark(take, std::time(nullptr))));
    }
    const double spent = ledger->spent(false);
    const double rehearsed = ledger->spent(true);
    session.console.print(fmt::format("{} takes, ${:.2f} spent{}", rows.size(), spent,
                                      rehearsed > 0 ? fmt::format(", ${:.2f} rehearsed", rehearsed) : ""));
    const stages::StoreSize kept = stages::size_of_store(workdir.segments());
    if (kept.segments > 0) {
        session.console.print(fmt::format("{} encoded segments kept, {}; `longtake clean` removes them", kept.segments,
                                          bytes_text(kept.bytes)));
    }
    session.console.result({{"workdir", workdir.root.string()},
                            {"takes", rows},
                            {"spent", spent},
                            {"rehearsed", rehearsed},
                            {"segments", {{"count", kept.segments}, {"bytes", kept.bytes}}}});
    return 0;
}

} // namespace

void add_status_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<StatusOptions>();
    CLI::App* command = app.add_subcommand("status", "What is done, running and paid in a working directory");
    command->add_option("workdir", options->workdir,
                        "Working directory, or the storyboard it belongs to; with --ledger, a batch");
    command->add_option("--ledger", options->fleet.ledger, "The ledger whose rows are shown")->type_name("ADDRESS");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = show_status(*options, session); });
}

} // namespace longtake::app
