#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// A take's life in the ledger. Intent is written and synced before a submit leaves the machine.
/// intent: it may have been sent, and nothing is known of it yet; waiting: the service turned it away for now and
/// nothing is owed; ambiguous: whether the service has it, or still has it, could not be found out; refused: the
/// service said no, or failed it.
enum class TakeState { intent, waiting, submitted, done, refused, ambiguous };

std::string word(TakeState state);

/// One take as the ledger knows it, found by the fingerprint of everything that shapes it.
struct TakeRecord {
    std::string fingerprint;
    std::string shot;
    int index = 0;
    std::string kind;
    std::string provider;
    std::string model;
    double seconds = 0; ///< asked for
    TakeState state = TakeState::intent;
    std::string job;                ///< the service's id, once accepted; kept for as long as it may be owed for
    std::optional<double> estimate; ///< USD
    std::optional<double> charged;  ///< USD, as the service reported; empty: it did not say
    nlohmann::json footage;         ///< the finished take: Footage and what an extension needs; null before
    std::string message;            ///< the service's last word on a refusal
    std::string own_id;             ///< our own name for the submit, written before it leaves
    std::string account;            ///< whose it is: a salted hash of address and key; empty: not known, or free
    bool rehearsal = false;         ///< of a server on this machine: its money is play money
    std::int64_t submitted = 0;     ///< Unix seconds of acceptance
    std::int64_t expires = 0;       ///< Unix seconds after which the service forgets it; 0: not known
    std::int64_t updated = 0;       ///< Unix seconds

    /// "cup", or "cup+2" for what continues it: how users name a take.
    std::string name() const;

    /// Whether the service failed it and did not say that this was free.
    bool owed() const;

    /// Sent, or about to be, and not home: only looking, fetching and what the user decides may follow.
    bool away() const;
};

/// What putting a take in the ledger does to the payment of its own id, in the same commit.
enum class Payment {
    unchanged,
    reserved, ///< its estimate counts
    charged,  ///< what was charged counts, where that is known
    released, ///< nothing of it counts any more
};

/// What has happened in one working directory, in one SQLite file (WAL, synchronous FULL: a commit that returned
/// survives power loss), readable by its owner alone. Safe to share between threads and processes.
/// Throws Error(storage) where the file cannot be read or written.
class Ledger {
public:
    static constexpr int k_version = 3;

    enum class Life {
        lasting,
        /// Gone with the program, so that nobody will ever ask whether a file is still the same, nor is anything
        /// synced. Never where money is spent.
        passing,
        /// Only looked at: nothing is written, not even beside it. Where the file is an older format's, or its folder
        /// cannot be written, a copy is looked at.
        view,
    };

    /// Opens or creates the file. Throws Error(usage) if it was written by a newer version.
    explicit Ledger(const std::filesystem::path& file, Life life = Life::lasting);
    ~Ledger();

    /// A random name of this ledger, made with it.
    const std::string& id() const noexcept { return id_; }

    /// Random, made with it: so that nobody finds a key by trying keys against `TakeRecord::account`.
    const std::string& salt() const noexcept { return salt_; }

    /// The recorded result of a finished step.
    std::optional<nlohmann::json> find(const std::string& key);
    void record(const std::string& key, const std::string& step, const nlohmann::json& result);
    void forget(const std::string& key);

    std::optional<TakeRecord> take(const std::string& fingerprint);
    void put(const TakeRecord& take, Payment payment = Payment::unchanged);
    std::vector<TakeRecord> takes();

    /// USD reserved by submits and charged for them, over all runs; where a charge is known it counts, else the
    /// estimate.
    double spent(bool rehearsal);

    /// Whether a payment of this own id counts, and what it came to (its estimate where no charge is known).
    std::optional<double> payment(const std::string& own_id);

    /// Takes and payments of a throw-away account that have not come home, as if they had never been.
    void forget_account(const std::string& account);

    /// SHA-256 of a file, remembered by path, size and modification time so that an unchanged file is read once.
    /// In a passing ledger: of those alone, which is enough for as long as it lives and reads nothing.
    std::string hash_of(const std::filesystem::path& file);

    /// Whether `file` is a plain file of this content (SHA-256); no link, wherever it leads. A passing ledger asks only
    /// whether it is there.
    bool holds(const std::filesystem::path& file, const std::string& sha256);

    /// Remembers the SHA-256 of a file as it is now, for who has read it already.
    void remember(const std::filesystem::path& file, const std::string& sha256);

private:
    struct Database;
    template <class Work>
    auto guarded(const char* doing, Work&& work);
    void open();
    void read_identity();

    const std::filesystem::path file_;
    const Life life_;
    std::mutex mutex_;
    std::unique_ptr<Database> database_;
    std::string id_;
    std::string salt_;
};

} // namespace longtake
