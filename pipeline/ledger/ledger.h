#pragma once

#include "pipeline/ledger/durability.h"
#include "pipeline/ledger/take_record.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>
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

    /// The result of a step, in place of an earlier one of this key.
    virtual void record(const std::string& key, const std::string& step, const nlohmann::json& result) = 0;
    virtual void forget(const std::string& key) = 0;

    virtual std::optional<TakeRecord> take(const std::string& fingerprint) = 0;

    /// Writes a take down as it is now, in place of what was known of its fingerprint, and what that does to its
    /// payment: both or neither. `updated` becomes the time of the call, whatever the record says.
    virtual void put(const TakeRecord& take, Payment payment) = 0;

    /// All takes, those that changed last at the end; of one second by shot and index.
    virtual std::vector<TakeRecord> takes() = 0;

    /// USD reserved by submits and charged for them, over all runs; where a charge is known it counts, else the
    /// estimate.
    virtual double spent(bool rehearsal) = 0;

    /// Whether a payment of this own id counts, and what it came to (its estimate where no charge is known).
    virtual std::optional<double> payment(const std::string& own_id) = 0;

    /// Takes and payments of a throw-away account that have not come home, as if they had never been.
    virtual void forget_account(const std::string& account) = 0;
};

/// Opens the ledger of a working directory, or creates it: one SQLite file, readable by its owner alone. Throws
/// Error(usage) if it was written by a newer version.
std::unique_ptr<Ledger> open_ledger(const std::filesystem::path& file, Durability durability);

} // namespace longtake
