#include "pipeline/flow/fleet/worker.h"

#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"
#include "pipeline/flow/account.h"
#include "pipeline/flow/batch/row_process.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <list>
#include <map>
#include <thread>

namespace longtake {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds k_idle{500};      ///< between two looks for work, unless the ledger tells of some
constexpr milliseconds k_patience{1000}; ///< before a ledger that was out of reach is asked again

constexpr std::chrono::seconds k_others_rows{5}; ///< between two looks at what other workers have done

constexpr std::chrono::seconds k_help_pause{2};     ///< after a helper has found nothing more to make
constexpr std::chrono::seconds k_no_help_pause{60}; ///< after one that could not

/// A row's process, and whether the worker itself has ended it.
struct Busy {
    RowProcess process;
    std::string helped{}; ///< the film of another that it makes segments for; empty: it makes a row of its own
    bool hung = false;
};

/// The rows' processes of one worker.
class Supervisor {
public:
    Supervisor(const WorkerOptions& options, const Account& account, const Observer& observer)
        : options_(options), account_(account), observer_(observer),
          at_once_(static_cast<std::size_t>(thread_count(options.films_at_once)))
    {
        open_queue(); // what is wrong with the address is said at once
    }

    WorkerTally work()
    {
        while (!over()) {
            if (observer_.stopped()) {
                stop();
            } else {
                with_ledger([&] { begin_films(); });
            }
            if (options_.progress) {
                options_.progress(tally_, busy_.size());
            }
            if (busy_.empty() && !observer_.stopped()) {
                with_ledger([&] { queue_->wait(k_idle, observer_.stop); });
            } else {
                listen();
            }
        }
        return tally_;
    }

private:
    bool over()
    {
        if (!busy_.empty()) {
            return false;
        }
        if (observer_.stopped()) {
            return true;
        }
        bool none_left = false;
        if (options_.until_done) {
            with_ledger([&] { none_left = queue_->is_over(options_.place.batch); });
        }
        return none_left;
    }

    void open_queue()
    {
        database_ = open_database(options_.place.ledger, true);
        queue_.emplace(database_, worker_name());
    }

    /// A ledger out of reach is waited for; whoever has a row finds out for itself.
    template <class Work>
    void with_ledger(Work&& work)
    {
        try {
            if (!queue_) {
                open_queue();
                observer_.tell({Event::Kind::note, "worker", "", 0, 0, "the ledger is there again"});
            }
            work();
        } catch (const Error& error) {
            if (error.code() != Errc::storage) {
                throw;
            }
            if (queue_) {
                observer_.tell({Event::Kind::warning, "worker", "", 0, 0, error.what()});
            }
            queue_.reset();
            database_.reset();
            std::this_thread::sleep_for(k_patience);
        }
    }

    /// Rows first, then parts of films that others make.
    void begin_films()
    {
        while (busy_.size() < at_once_ && waiting() == 0) {
            if (queue_->has_work(options_.place.batch)) {
                begin([this](int messages) {
                    return make_queued_film(options_.place, account_, options_.watch_signals, messages);
                });
            } else if (!begin_help()) {
                return;
            }
        }
    }

    void begin(const std::function<int(int)>& work, const std::string& helped = "")
    {
        const std::string log = fmt::format("log-{}-{}.txt", worker_name(), ++begun_ % k_logs);
        busy_.push_back({RowProcess(work, options_.place.cache / "logs" / log), helped});
    }

    /// No more helpers of a film than it has parts. False where nobody is to be helped.
    bool begin_help()
    {
        for (const RowWithParts& row : rows_with_open_parts(*database_, options_.place.batch)) {
            const std::string film = row.batch + "/" + row.name;
            const auto helpers = std::ranges::count(busy_, film, &Busy::helped);
            const auto pause = not_before_.find(film);
            if (helpers >= row.parts || (pause != not_before_.end() && Clock::now() < pause->second)) {
                continue;
            }
            begin(
                [this, row](int messages) {
                    return help_queued_film(options_.place, row, account_, options_.watch_signals, messages);
                },
                film);
            return true;
        }
        return false;
    }

    /// Processes that have not found a row yet: another begins once they have.
    std::size_t waiting() const
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(busy_, [](const Busy& busy) { return !busy.process.claimed(); }));
    }

    void listen()
    {
        std::vector<pollfd> ends;
        for (const Busy& busy : busy_) {
            ends.push_back({busy.process.messages(), POLLIN, 0});
        }
        ::poll(ends.data(), ends.size(), static_cast<int>(k_idle.count()));
        bool ended = Clock::now() - told_ > k_others_rows;
        for (auto busy = busy_.begin(); busy != busy_.end();) {
            if (busy->process.listen()) {
                watch(*busy);
                ++busy;
            } else {
                settle(*busy);
                busy = busy_.erase(busy);
                ended = true;
            }
        }
        if (ended && options_.changed) {
            told_ = Clock::now();
            options_.changed();
        }
    }

    /// Ends what hangs: a frozen process keeps its row for ever.
    void watch(Busy& busy)
    {
        if (!busy.hung && busy.process.silent_seconds() > static_cast<double>(options_.stall.count())) {
            busy.hung = true;
            busy.process.signal(SIGKILL);
        }
    }

    void settle(Busy& busy)
    {
        const std::string bad_end = busy.process.end();
        if (!busy.helped.empty()) {
            settle_help(busy, bad_end);
            return;
        }
        const auto& claimed = busy.process.claimed();
        if (!claimed) {
            count_false_start(bad_end);
            return;
        }
        false_starts_ = 0;
        const std::string name = claimed->at("name");
        const auto& outcome = busy.process.outcome();
        if (outcome) {
            tell_outcome(name, outcome->at("outcome"), outcome->at("message"));
            return;
        }
        if (!busy.process.killed() || observer_.stopped()) {
            observer_.tell({Event::Kind::warning, "worker", name, 0, 0,
                            "lost it on the way: " + (bad_end.empty() ? std::string("no outcome") : bad_end)});
            ++tally_.others;
            return;
        }
        const std::string how = busy.hung ? fmt::format("hung: no sign of life for {} s", options_.stall.count())
                                          : "crashed: its process ended " + bad_end;
        ++tally_.crashes;
        observer_.tell({Event::Kind::warning, "worker", name, 0, 0, how});
        with_ledger([&] { count_crash(claimed->at("batch"), name, how); });
    }

    /// What a helper comes to counts neither for nor against the row.
    void settle_help(const Busy& busy, const std::string& bad_end)
    {
        const auto& outcome = busy.process.outcome();
        const bool well = bad_end.empty() && (!outcome || outcome->at("outcome") == "done");
        not_before_[busy.helped] = Clock::now() + (well ? k_help_pause : k_no_help_pause);
        if (!well && !observer_.stopped()) {
            const std::string why = outcome ? outcome->at("message").get<std::string>() : "it ended " + bad_end;
            observer_.tell({Event::Kind::warning, "worker", busy.helped, 0, 0, "could not help with it: " + why});
        }
    }

    /// A server takes a moment to see that a session has ended.
    void count_crash(const std::string& batch, const std::string& name, const std::string& how)
    {
        constexpr int k_looks = 20;
        constexpr milliseconds k_look{50};
        for (int look = 0; look < k_looks && !queue_->crashed(batch, name, how); ++look) {
            std::this_thread::sleep_for(k_look);
        }
    }

    /// A process that ended before it had a row. One may come too late for it, or find the ledger out of reach; many
    /// in a row are nothing that waiting mends.
    void count_false_start(const std::string& bad_end)
    {
        if (bad_end.empty() || observer_.stopped()) {
            return;
        }
        if (++false_starts_ >= k_false_starts) {
            throw Error(Errc::internal, fmt::format("{} processes one after the other ended {} before they had a row; "
                                                    "what they said is in '{}'",
                                                    false_starts_, bad_end, (options_.place.cache / "logs").string()));
        }
        std::this_thread::sleep_for(k_patience / 4 * false_starts_);
    }

    void tell_outcome(const std::string& name, const std::string& outcome, const std::string& message)
    {
        if (outcome == "done") {
            ++tally_.films;
            observer_.tell({Event::Kind::finished, "worker", name, 0, 0, ""});
            return;
        }
        ++tally_.others;
        observer_.tell({Event::Kind::warning, "worker", name, 0, 0, message});
    }

    void stop()
    {
        for (const Busy& busy : busy_) {
            if (!stopping_) {
                busy.process.signal(SIGTERM);
            }
        }
        stopping_ = true;
    }

    static constexpr int k_false_starts = 8;
    static constexpr std::size_t k_logs = 32; ///< files of a worker's own, used in turn

    const WorkerOptions& options_;
    const Account& account_;
    const Observer& observer_;
    const std::size_t at_once_;
    std::shared_ptr<Database> database_;                  ///< none while the ledger is out of reach
    std::optional<RowQueue> queue_;                       ///< of it
    std::map<std::string, Clock::time_point> not_before_; ///< when a film may be helped again
    std::list<Busy> busy_;
    std::size_t begun_ = 0;
    int false_starts_ = 0; ///< one after the other
    Clock::time_point told_ = Clock::now();
    bool stopping_ = false;
    WorkerTally tally_;
};

} // namespace

WorkerTally work_at_rows(const WorkerOptions& options, const Account& account, const Observer& observer)
{
    const WorkerTally tally = Supervisor(options, account, observer).work();
    if (options.changed) {
        options.changed();
    }
    return tally;
}

} // namespace longtake
