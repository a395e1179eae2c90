#pragma once

#include "pipeline/ledger/durability.h"
#include "pipeline/ledger/sql/database.h"
#include "pipeline/ledger/take_record.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake {

/// What putting a take in the ledger does to the payment of its own id, in the same commit.
enum class Payment {
    unchanged,
    reserved, ///< its estimate counts
    charged,  ///< what was charged counts, where that is known
    released, ///< nothing of it counts any more
};

/// What an intent has to keep within. Amounts are USD.
struct Caps {
    std::optional<double> film{}; ///< for the film or the batch, all that it has reserved and was charged included
    std::string day_account{};    ///< whose day counts; empty: days are not counted here
    std::optional<double> day{};  ///< for that account and a UTC day
    int places = 0;               ///< takes that the account may have under way at once, over all machines; 0: any
    std::chrono::seconds place_lasts{0};  ///< how long an unfinished take is taken to hold its place; 0: for good
    std::chrono::seconds submit_lasts{0}; ///< from the commit on, after which its sender does not send it any more
};

/// Whether an intent may be sent, and the sums that were found.
struct Admission {
    enum class Verdict { admitted, over_film, over_day, no_place };
    Verdict verdict = Verdict::admitted;
    double film = 0;           ///< USD of the film without it
    double day = 0;            ///< USD of the account's day without it
    std::int64_t deadline = 0; ///< see TakeRecord::deadline
};

/// A take, or another thing of a ledger, that one process has to itself for as long as this lives and its session with
/// the ledger lasts.
class Hold {
public:
    Hold() = default;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    virtual ~Hold() = default;
};

/// What has happened to one film: the steps that are done, its takes, and what they came to. Whatever database stands
/// behind it, a call that returned has committed, and it is safe to share between threads and processes.
/// Throws Error(storage) where the database cannot be read or written.
class Ledger {
public:
    Ledger() = default;
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    virtual ~Ledger() = default;

    /// A random name of this ledger, made with it.
    virtual const std::string& id() const noexcept = 0;

    /// Random, made with it: so that nobody finds a key by trying keys against `TakeRecord::account`.
    virtual const std::string& salt() const noexcept = 0;

    /// The recorded result of a finished step.
    virtual std::optional<nlohmann::json> find(const std::string& key) = 0;

    /// Writes down the result of a step, unless another process has written one since `seen` was found: the first
    /// counts, as takes may be paid for by what came of it, and other machines make other bytes. Returns what counts.
    virtual nlohmann::json record(const std::string& key, const std::string& step, const nlohmann::json& result,
                                  const std::optional<nlohmann::json>& seen = {}) = 0;
    virtual void forget(const std::string& key) = 0;

    /// The result of a step that says where things are, in place of an earlier one.
    void replace(const std::string& key, const std::string& step, const nlohmann::json& result)
    {
        record(key, step, result, find(key));
    }

    /// Has a take alone, by its fingerprint, among all processes that share the ledger; waits until it can be had.
    /// Throws Error(interrupted) when stopped. Whoever lost its session with the ledger has lost it, and can write no
    /// more.
    virtual std::unique_ptr<Hold> hold(const std::string& fingerprint, std::stop_token stop) = 0;

    /// The same for any other thing, by a name of plain characters; null where another has it.
    virtual std::unique_ptr<Hold> try_hold(const std::string& name) = 0;

    /// Writes an intent down and reserves its estimate, in one commit, if all caps are kept then; else nothing.
    virtual Admission intend(const TakeRecord& take, const Caps& caps) = 0;

    /// The service gives an account fewer places than was said: as many as it has taken now, for everybody who shares
    /// the ledger, for the next ten minutes.
    virtual void lower_places(const std::string& account) = 0;

    /// The ledger's clock, Unix seconds: the one clock that many machines have together.
    virtual std::int64_t now() = 0;

    /// Whether processes of other machines write in it.
    virtual bool spans_machines() const noexcept = 0;

    virtual std::optional<TakeRecord> take(const std::string& fingerprint) = 0;

    /// Writes a take down as it is now, in place of what was known of its fingerprint, and what that does to its
    /// payment: both or neither. `updated` becomes the time of the call, whatever the record says. Throws
    /// Error(pending) where another process holds it.
    virtual void put(const TakeRecord& take, Payment payment) = 0;

    /// All takes, those that changed last at the end; of one second by shot and index.
    virtual std::vector<TakeRecord> takes() = 0;

    /// Those of them that are there.
    virtual std::vector<TakeRecord> takes_of(const std::set<std::string>& fingerprints) = 0;

    /// USD reserved by submits and charged for them, over all runs of the film or the batch; where a charge is known it
    /// counts, else the estimate.
    virtual double spent(bool rehearsal) = 0;

    /// Whether a payment of this own id counts, and what it came to (its estimate where no charge is known).
    virtual std::optional<double> payment(const std::string& own_id) = 0;

    /// Takes and payments of a throw-away account that have not come home, as if they had never been.
    virtual void forget_account(const std::string& account) = 0;
};

/// Opens the ledger of a working directory, or creates it: one SQLite file, readable by its owner alone. `locks`: the
/// folder of the locks of those who share it; empty: one process has it at a time. Throws Error(usage) if it was
/// written by a newer version, or is to be shared over a network file system.
std::unique_ptr<Ledger> open_ledger(const std::filesystem::path& file, Durability durability,
                                    const std::filesystem::path& locks = {});

/// The ledger that a database keeps for a batch: what is spent is counted for that batch alone, takes and steps are
/// everybody's.
std::unique_ptr<Ledger> open_ledger(std::shared_ptr<Database> database, const std::string& batch);

/// A session with what `--ledger` names: postgresql://..., or a SQLite file of this machine that several processes
/// share. `make`: makes the tables where they are not there yet, else throws Error(usage). Throws as its engine does.
std::shared_ptr<Database> open_database(const std::string& address, bool make);

/// Whether an address is that of a server.
bool is_server(const std::string& address);

} // namespace longtake
