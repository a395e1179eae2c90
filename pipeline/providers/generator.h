#pragma once

#include "pipeline/ledger/file_hashes.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/model/clip.h"
#include "pipeline/providers/budget.h"
#include "pipeline/providers/concurrency_limit.h"
#include "pipeline/providers/pace.h"
#include "pipeline/providers/provider.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace longtake {

/// Finished footage and what is needed to go on from it.
struct Take {
    Footage footage;
    nlohmann::json ref; ///< the service's handle on it
    std::string fingerprint;
    bool reused = false; ///< found again, nothing was asked for
};

/// What the user decided about takes that have not come home, by fingerprint.
struct Decisions {
    std::set<std::string> resubmit;           ///< pay for it again
    std::map<std::string, std::string> adopt; ///< it is this task of the service
    std::set<std::string> accept;             ///< take the footage that failed its check
};

/// The one class that asks providers for takes, and so the one that spends money. A take is found again by the
/// fingerprint of everything that shapes it; its intent is in the ledger before the submit, its job's id before the
/// waiting, so that a crash at any instant neither pays twice nor loses footage. A submit whose answer was lost is
/// looked up where the service can be asked, and never sent again on a guess; nor is a take whose job a service does
/// not know, or which it failed without saying that this was free.
class Generator {
public:
    struct Settings {
        std::filesystem::path takes;                 ///< where footage is kept, by content hash
        std::chrono::milliseconds poll{5000};        ///< first interval, growing to six times that
        std::chrono::milliseconds backoff{1000};     ///< after the first no that may pass; doubled from try to try
        int concurrency = 64;                        ///< takes at work at once, to begin with
        std::chrono::milliseconds reconcile{60'000}; ///< how long a service may take to know of a submit
        std::chrono::milliseconds missing{300'000};  ///< how long it may not know a job it accepted
        std::chrono::milliseconds submit_timeout{120'000}; ///< of one submit, from its first byte to its answer's last
        std::chrono::milliseconds place_patience{0}; ///< waiting for a place of the account; 0: for as long as it takes
        std::chrono::milliseconds task_timeout{3'600'000}; ///< waiting for one take, before it is left for another run
        Decisions decisions;
        std::string account = {}; ///< in place of the provider's own, for one that is thrown away
        std::string resume_command = "longtake run ..."; ///< the command that would go on from here
        std::function<void(const std::string& shot, const std::string& text)> note; ///< for the user to read
        std::function<void()> pause{}; ///< returns once something may be sent, or is stopped; empty: always
    };

    Generator(Provider& provider, Ledger& ledger, FileHashes& hashes, Budget& budget, Settings settings);

    /// The take for a request: the known one, or a new one. Blocks until it is downloaded, decoded to the end and
    /// kept. Safe to call from several threads for different requests.
    /// Throws Error(provider) when refused, damaged or ambiguous; Error(budget) and Error(credentials) when the account
    /// cannot go on, after which nothing more is sent; Error(pending) when it is still running or out of reach;
    /// Error(storage) when the ledger or the footage cannot be written; Error(interrupted) when stopped (the job goes
    /// on and is found again).
    Take shoot(const TakeRequest& request, const Progress& progress, std::stop_token stop);

    /// Brings home a take that was submitted, whether or not a request for it is at hand. Nothing is submitted: one
    /// that failed stays failed. Throws as shoot() does.
    void fetch(const std::string& fingerprint, const Progress& progress, std::stop_token stop);

    std::string fingerprint(const TakeRequest& request) const;

    /// The finished take, if its file is what the ledger says.
    std::optional<Take> home(const TakeRecord& record) const;

    /// Whether a take of the ledger is this generator's to look for: of its service, and play money or not as its is.
    bool serves(const TakeRecord& record) const;

    /// What the user decided, by the fingerprints that fingerprint() gives.
    void decide(Decisions decisions) { settings_.decisions = std::move(decisions); }

    std::string service() const { return provider_.name(); }

    /// The fingerprints that shoot() was called for.
    std::set<std::string> asked_for();

    /// USD that the submits of this generator were charged or, where that is not known, estimated.
    double paid();

    /// Whether its money is play money.
    bool rehearses() const { return provider_.rehearsal(); }

    /// Throws Error(credentials) naming a take that another account has, unless the user decided about it.
    void need_same_account(const TakeRecord& record) const;

    /// Where footage is kept that failed its check.
    std::filesystem::path rejected() const { return settings_.takes / "rejected"; }

private:
    /// Holds a fingerprint while its take is being made: a second request for the same waits and finds it made.
    class InFlightGuard;
    /// One take on its way through the ledger.
    struct PendingTake {
        TakeRequest request; ///< with own_id
        TakeRecord record;
        ConcurrencyLimit::Slot slot;
        std::optional<Ready> ready;  ///< some services have it at once
        bool fresh = false;          ///< submitted just now: no use looking at once
        bool resubmits = true;       ///< a failure that cost nothing may be asked for once more
        std::set<std::string> words; ///< unknown ones that were told already
        std::stop_token stop;
    };

    void resolve(PendingTake& pending);
    void reconcile(PendingTake& pending);
    void renew(PendingTake& pending);
    void adopt(PendingTake& pending, const std::string& task);
    JobState first_word(PendingTake& pending, const Job& job);
    bool accept_rejected(PendingTake& pending, Take& take);
    void submit(PendingTake& pending);
    std::optional<Declined> send(PendingTake& pending);
    void intend(PendingTake& pending);
    void wait_for_place(PendingTake& pending, std::chrono::steady_clock::time_point asked);
    std::chrono::milliseconds time_to_deadline(const TakeRecord& record);
    void decline(PendingTake& pending, const Declined& declined);
    void accept(PendingTake& pending, const Accepted& accepted);
    void wait_before_next(PendingTake& pending, const Declined& declined, int tries);

    Take finish(PendingTake& pending, const Progress& progress);
    std::variant<Ready, Refused> wait(PendingTake& pending);
    JobState look(PendingTake& pending);
    void note_word(PendingTake& pending, const Running& running);
    void check_deadlines(PendingTake& pending, const JobState& state, int unreachable);
    void refuse(PendingTake& pending, const Refused& refused);
    Take keep(const Ready& ready, PendingTake& pending, const Progress& progress);
    Footage verified(const std::filesystem::path& part, PendingTake& pending);
    void reject(const std::filesystem::path& part, PendingTake& pending, const Error& error);
    void try_download_again(PendingTake& pending, const Error& error, int downloads);
    void check_sound(const PendingTake& pending, const Take& take) const;

    void put(PendingTake& pending, TakeState state, const std::string& message = {});
    [[noreturn]] void give_up_ambiguous(PendingTake& pending, const std::string& reason);
    [[noreturn]] void halt(const Error& error);
    ConcurrencyLimit::Slot enter(const std::stop_token& stop);
    void check_halted();
    void note(const PendingTake& pending, const std::string& text) const;
    std::string ways_on(const TakeRecord& record) const;

    Provider& provider_;
    Ledger& ledger_;
    FileHashes& hashes_;
    Budget& budget_;
    Settings settings_;
    std::string account_; ///< what a take's record says of whose it is
    ConcurrencyLimit limit_of_takes_;
    Pace submits_;
    Pace looks_;
    std::mutex mutex_;
    std::condition_variable landed_;
    std::set<std::string> in_flight_;
    std::set<std::string> asked_; ///< fingerprints
    std::set<std::string> sent_;  ///< own ids
    std::optional<Error> halted_; ///< why nothing more is sent in this run
};

class Generator::InFlightGuard {
public:
    InFlightGuard(Generator& generator, const std::string& fingerprint, std::stop_token stop)
        : generator_(generator), fingerprint_(fingerprint)
    {
        enter();
        try {
            turn_ = generator_.ledger_.hold(fingerprint_, std::move(stop));
        } catch (...) {
            leave();
            throw;
        }
    }
    ~InFlightGuard()
    {
        turn_.reset();
        leave();
    }
    InFlightGuard(const InFlightGuard&) = delete;
    InFlightGuard& operator=(const InFlightGuard&) = delete;

private:
    void enter()
    {
        std::unique_lock lock(generator_.mutex_);
        generator_.landed_.wait(lock, [&] { return !generator_.in_flight_.contains(fingerprint_); });
        generator_.in_flight_.insert(fingerprint_);
    }

    void leave()
    {
        const std::lock_guard lock(generator_.mutex_);
        generator_.in_flight_.erase(fingerprint_);
        generator_.landed_.notify_all();
    }

    Generator& generator_;
    std::string fingerprint_;
    std::unique_ptr<Hold> turn_; ///< among processes
};

} // namespace longtake
