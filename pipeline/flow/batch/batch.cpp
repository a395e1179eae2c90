#include "pipeline/flow/batch/batch.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/parallel.h"
#include "pipeline/flow/batch/agreement.h"
#include "pipeline/flow/batch/batch_log.h"
#include "pipeline/flow/batch/results.h"
#include "pipeline/flow/batch/row_process.h"
#include "pipeline/flow/batch/row_run.h"
#include "pipeline/flow/live/live_run.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/providers/budget.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <list>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A row, and the process that makes it.
struct Running {
    std::size_t index; ///< of the row
    RowProcess process;
    double told = 0; ///< what share of it was told to be done
};

/// The rows of a batch on their way.
class Crew {
public:
    Crew(const BatchSource& source, const BatchOptions& options, const Account& account, LiveRun& live,
         BatchResult& result)
        : source_(source), options_(options), account_(account), live_(live), observer_(live.observer()),
          films_(result.plan.given), result_(result), began_(Clock::now())
    {
    }

    void work()
    {
        for (std::size_t i = 0; i < films_.size(); ++i) {
            if (!state(i).outcome.empty()) { // broken, or done before
                keep(state(i));
                finish(i, 0);
            }
        }
        const auto at_once = static_cast<std::size_t>(thread_count(options_.films_at_once));
        for (std::size_t next = 0; next < films_.size() || !running_.empty();) {
            live_.look();
            if (observer_.stopped()) {
                stop();
                next = films_.size();
            }
            while (next < films_.size() && !live_.paused() && running_.size() < (warm() ? at_once : 1)) {
                begin(next++);
            }
            listen();
        }
        result_.interrupted = observer_.stopped();
    }

private:
    /// The first film makes what all have alike; beside it, others would make it a second time. Not so where films wait
    /// for a service and not for the processor.
    bool warm() const { return result_.plan.paid || warm_; }

    RowState& state(std::size_t index) { return result_.rows[index]; }

    /// Starts a row that can be made and is not made yet.
    void begin(std::size_t index)
    {
        const RowState& row = state(index);
        if (!row.outcome.empty()) {
            return;
        }
        running_.push_back({index, RowProcess(
                                       [&](int messages) {
                                           return run_row(source_, films_[index], options_, account_,
                                                          result_.plan.inputs, messages);
                                       },
                                       row_folder(options_.output, row.name) / "log.txt")});
        live_.log().put(row_begun(index));
    }

    void listen()
    {
        if (running_.empty() && !live_.paused()) {
            return;
        }
        std::vector<pollfd> ends;
        for (const Running& run : running_) {
            ends.push_back({run.process.messages(), POLLIN, 0});
        }
        ::poll(ends.data(), ends.size(), k_look_milliseconds);
        for (auto run = running_.begin(); run != running_.end();) {
            if (run->process.listen()) {
                if (run->told != run->process.share()) {
                    run->told = run->process.share();
                    live_.log().put(row_under_way(run->index, run->told));
                }
                ++run;
            } else {
                settle(*run);
                run = running_.erase(run);
            }
        }
    }

    /// What a row came to that has ended.
    void settle(Running& run)
    {
        const std::string bad_end = run.process.end();
        RowState& row = state(run.index);
        const double paid_before = row.paid;
        if (const auto& last = run.process.outcome()) {
            RowState end = last->get<RowState>();
            row.outcome = end.outcome;
            row.message = end.message;
            row.notes = end.notes;
            row.deliverables = end.deliverables;
            row.paid = paid_before + end.paid;
        } else {
            row.outcome = "crashed";
            row.message =
                fmt::format("its process ended {}; what it said is in {}", bad_end.empty() ? "without a word" : bad_end,
                            (row_folder(options_.output, row.name) / "log.txt").string());
        }
        row.took = run.process.seconds();
        keep(row);
        finish(run.index, row.paid - paid_before);
    }

    /// What is known of a row, for the next run. One that was kept stands there already.
    void keep(const RowState& row) const
    {
        const fs::path file = row_folder(options_.output, row.name) / "row.json";
        if (!row.kept) {
            make_folder(file.parent_path());
            write_atomic(file, json(row).dump(1));
        }
    }

    /// Tells of a row that is at its end.
    void finish(std::size_t index, double paid)
    {
        const RowState& row = state(index);
        live_.log().put(row_ended(index, row));
        ++finished_;
        warm_ = warm_ || row.done();
        paid_ += paid;
        if (row.kept) {
            observer_.tell({Event::Kind::reused, "batch", row.name, 0, 0, ""});
        } else if (row.done()) {
            ++made_;
            observer_.tell({Event::Kind::finished, "batch", row.name, 0, 0, ""});
        } else {
            complain(row);
        }
        const double minutes = seconds_since(began_) / 60;
        const std::string rate = made_ > 0 ? fmt::format(", {:.1f} films a minute", made_ / minutes) : std::string();
        const std::string cost = paid_ > 0 ? fmt::format(", ${:.2f}", paid_) : std::string();
        observer_.tell({Event::Kind::progress, "batch", "rows", static_cast<std::int64_t>(finished_),
                        static_cast<std::int64_t>(films_.size()), "rows" + rate + cost});
    }

    /// A line for each thing that is wrong.
    void complain(const RowState& row) const
    {
        const std::string name = fmt::format("row {} ({})", row.number, row.name);
        for (const std::string& line : row.complaints()) {
            observer_.tell({Event::Kind::warning, "batch", name, 0, 0, line});
        }
    }

    /// Asks those at work to stop, once.
    void stop()
    {
        for (const Running& run : running_) {
            if (!stopping_) {
                run.process.signal(SIGTERM);
            }
        }
        stopping_ = true;
    }

    static constexpr int k_look_milliseconds = 200;

    const BatchSource& source_;
    const BatchOptions& options_;
    const Account& account_;
    LiveRun& live_;
    const Observer& observer_;
    const std::vector<BatchRow>& films_;
    BatchResult& result_;
    const Clock::time_point began_;
    std::list<Running> running_;
    std::size_t finished_ = 0;
    double made_ = 0;
    double paid_ = 0;
    bool stopping_ = false;
    bool warm_ = false; ///< a film is done
};

/// What earlier runs of the batch have left of a row.
void recall(RowState& row, const BatchOptions& options)
{
    const fs::path file = row_folder(options.output, row.name) / "row.json";
    const auto before = read_row_state(file);
    if (!before) {
        return;
    }
    row.paid = before->paid;
    if (!row.outcome.empty() || before->key != row.key) {
        return;
    }
    const bool stands = before->done() ? files_are_there(*before, file) : !before->passing() && !options.retry_failed;
    if (stands) {
        row = *before;
        row.kept = row.done();
    }
}

/// One run at a time has the batch. Its ledger is there before the first row, and agrees with what the machine has
/// spent.
class HeldBatch {
public:
    HeldBatch(const BatchOptions& options, const Account& account, bool paid) : folder_{batch_folder(options.output)}
    {
        make_folder(folder_.root);
        lock_ = DirectoryLock::try_lock(folder_.root);
        if (!lock_) {
            throw Error(Errc::pending, "'" + folder_.root.string() + "' was taken away just now; try again");
        }
        const std::unique_ptr<Ledger> ledger = open_ledger(folder_.ledger(), Durability::lasting);
        if (!account.rehearsal_account.empty()) {
            ledger->forget_account(account.rehearsal_account); // whoever had it is gone
        }
        if (paid) {
            Budget::Settings books;
            books.paid = true;
            books.spending = account.spending;
            Budget(books, *ledger).balance_books();
        }
        spent_before_ = spent();
    }

    double spent() const
    {
        const auto ledger = open_ledger(folder_.ledger(), Durability::read_only);
        return ledger->spent(false) + ledger->spent(true);
    }

    double spent_before() const noexcept { return spent_before_; }

private:
    Workdir folder_;
    std::unique_ptr<DirectoryLock> lock_;
    double spent_before_ = 0;
};

} // namespace

std::size_t BatchResult::done() const
{
    return static_cast<std::size_t>(std::ranges::count_if(rows, &RowState::done));
}

namespace {

/// As the same of one film: see make_film().
std::function<bool(const BatchPlan&, double)> approval(const BatchOptions& options, bool rehearsal, LiveRun& live)
{
    return [ask = options.consent, rehearsal, &live](const BatchPlan& plan, double spent) {
        return live.approved({{"takes", plan.takes},
                              {"films", plan.films},
                              {"cost", plan.cost ? json(*plan.cost) : json()},
                              {"rehearsal", rehearsal},
                              {"spent", spent}},
                             ask ? std::function<bool()>([=] { return ask(plan, spent); }) : nullptr);
    };
}

void make_rows(const BatchSource& source, BatchOptions options, const Account& account, LiveRun& live,
               BatchResult& result)
{
    for (const std::string& note : result.plan.notes) {
        live.observer().tell({Event::Kind::note, "batch", "", 0, 0, note});
    }
    const HeldBatch batch(options, account, result.plan.paid);
    live.open(batch_folder(options.output));
    for (RowState& row : result.rows) {
        recall(row, options);
    }
    live.log().put(rows_planned(result));
    options.film.steering = {batch_folder(options.output), live.log().run()};
    if (options.film.approve) {
        options.consent = approval(options, !account.rehearsal_account.empty(), live);
        options.film.approve = false;
    }
    need_agreement(result.plan, result.rows, options, batch.spent_before());
    Crew(source, options, account, live, result).work();
    result.spent = batch.spent();
    result.folder = options.output;
    write_results(result, options);
}

} // namespace

BatchResult make_batch(const BatchSource& source, const std::vector<TableRow>& table, const BatchOptions& options,
                       const Account& account, const Observer& observer)
{
    BatchResult result;
    result.plan = plan_batch(source, table, options, account, observer.stop);
    result.rows = result.plan.rows;
    LiveRun live(
        {{"kind", "batch"}, {"title", options.output.filename().string()}, {"command", options.repeat_command}},
        observer, {}, LiveRun::Looks::when_asked);
    try {
        make_rows(source, options, account, live, result);
    } catch (const Error& error) {
        live.end(std::string(word(error.code())), error.what());
        throw;
    }
    live.end(result.interrupted ? "interrupted" : result.done() == result.rows.size() ? "done" : "failed", "");
    return result;
}

} // namespace longtake
