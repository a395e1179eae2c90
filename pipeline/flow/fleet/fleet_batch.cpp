#include "pipeline/flow/fleet/fleet_batch.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/flow/batch/agreement.h"
#include "pipeline/flow/batch/results.h"
#include "pipeline/flow/fleet/shipment.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Ends of rows that say nothing against them: another run of the batch tries them again.
const std::vector<std::string> k_again = {"pending", "interrupted", "storage", "budget", "credentials", "internal"};
const std::vector<std::string> k_all_again = {"pending",  "interrupted", "storage", "budget", "credentials",
                                              "internal", "crashed",     "input",   "usage",  "provider"};

/// A batch of this machine in the ledger of many.
class FleetBatch {
public:
    FleetBatch(const BatchSource& source, const BatchOptions& options, const Account& account, const Observer& observer,
               const FleetPlace& place)
        : source_(source), options_(options), account_(account), observer_(observer), place_(place),
          database_(open_database(place.ledger, true)), queue_(database_, worker_name()),
          hashes_(hashes_file(place), Durability::lasting), ledger_(open_ledger(database_, place.batch))
    {
        batch_.id = place.batch;
        batch_.name = options.output.filename().string();
    }

    double spent() { return ledger_->spent(false) + ledger_->spent(true); }

    /// Puts the rows that can be made, and those that cannot, into the queue.
    void queue_rows(const BatchPlan& plan)
    {
        bool rehearsal = false;
        std::vector<QueuedRow> rows;
        for (std::size_t i = 0; i < plan.rows.size(); ++i) {
            stop_here();
            rows.push_back(queued(plan.rows[i], plan.given[i], rehearsal));
        }
        batch_.settings = film_settings(options_.film, rehearsal);
        queue_.add(batch_);
        queue_.add(rows, options_.retry_failed ? k_all_again : k_again);
    }

    /// Brings what is finished and not here yet, and says how far the batch is.
    void collect(std::vector<RowState>& rows)
    {
        std::size_t ended = 0;
        const std::vector<QueuedRow> queued = queue_.rows(batch_.id);
        for (RowState& row : rows) {
            const auto found = std::ranges::find(queued, row.name, &QueuedRow::name);
            if (found == queued.end()) {
                continue;
            }
            if (found->state == "done" || found->state == "failed") {
                ++ended;
                take_end(*found, row);
            }
        }
        observer_.tell({Event::Kind::progress, "batch", "rows", static_cast<std::int64_t>(ended),
                        static_cast<std::int64_t>(rows.size()), "rows"});
    }

private:
    void stop_here() const
    {
        if (observer_.stopped()) {
            throw Error(Errc::interrupted, "interrupted while rows were being queued; run again to go on");
        }
    }

    QueuedRow queued(const RowState& state, const BatchRow& given, bool& rehearsal)
    {
        QueuedRow row;
        row.batch = batch_.id;
        row.number = state.number;
        row.name = state.name;
        row.film_key = state.key;
        row.outcome = state.outcome;
        row.message = state.message;
        if (!state.outcome.empty()) {
            row.board = json::object();
            return row;
        }
        std::vector<WrongValue> wrong;
        const json board = board_of_row(source_, given, wrong);
        const std::string provider = board.value("provider", "local");
        rehearsal = rehearsal || account_.provider(provider, true)->rehearsal();
        row.board = packed(board, *place_.store, hashes_);
        return row;
    }

    void take_end(const QueuedRow& from, RowState& row)
    {
        if (!row.outcome.empty() && row.outcome == from.outcome) {
            return; // here already
        }
        const auto tags = row.tags;
        const double seconds = row.seconds;
        if (from.result.is_object()) {
            row = from.result.get<RowState>();
        }
        row.tags = tags;
        row.seconds = seconds;
        row.outcome = from.outcome;
        row.message = from.message;
        if (row.done()) {
            bring(row);
        } else {
            observer_.tell(
                {Event::Kind::warning, "batch", fmt::format("row {} ({})", row.number, row.name), 0, 0, row.message});
        }
    }

    void bring(RowState& row)
    {
        for (Deliverable& deliverable : row.deliverables) {
            for (DeliveredFile& file : deliverable.files) {
                const fs::path here = options_.output / file.file;
                const std::string key = film_key(batch_, std::to_string(row.number) + "-" + row.name, file.file);
                std::error_code code;
                const bool there = fs::is_regular_file(here, code) && hashes_.of(here) == file.sha256;
                if (!there && (!place_.store->get(key, here) || hashes_.of(here) != file.sha256)) {
                    throw Error(Errc::storage, fmt::format("the store '{}' does not have '{}' as it was made",
                                                           place_.store->name(), key));
                }
                row.kept = row.kept || there;
                file.file = here;
            }
        }
    }

    const BatchSource& source_;
    const BatchOptions& options_;
    const Account& account_;
    const Observer& observer_;
    const FleetPlace& place_;
    const std::shared_ptr<Database> database_;
    RowQueue queue_;
    FileHashes hashes_;
    const std::unique_ptr<Ledger> ledger_;
    QueuedBatch batch_;
};

} // namespace

std::string batch_id(const BatchOptions& options)
{
    const std::string worker = worker_name();
    return sha256_of(worker.substr(0, worker.rfind(':')) + "\n" + options.output.string()).substr(0, 16);
}

BatchResult make_fleet_batch(const BatchSource& source, const std::vector<TableRow>& table, const BatchOptions& options,
                             const Account& account, const Observer& observer, WorkerOptions worker, bool work)
{
    BatchResult result;
    result.plan = plan_batch(source, table, options, account, observer.stop);
    result.rows = result.plan.rows;
    for (const std::string& note : result.plan.notes) {
        observer.tell({Event::Kind::note, "batch", "", 0, 0, note});
    }
    worker.place.batch = batch_id(options);
    FleetBatch batch(source, options, account, observer, worker.place);
    need_agreement(result.plan, result.rows, options, batch.spent());
    batch.queue_rows(result.plan);
    for (RowState& row : result.rows) {
        row.outcome.clear();
    }
    if (work) {
        worker.until_done = true;
        worker.changed = [&] { batch.collect(result.rows); };
        work_at_rows(worker, account, observer);
    } else {
        batch.collect(result.rows);
    }
    result.interrupted = observer.stopped();
    result.spent = batch.spent();
    result.folder = options.output;
    if (work) {
        write_results(result, options);
    }
    return result;
}

} // namespace longtake
