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
/// nothing is owed; ambiguous: whether the service has it could not be found out.
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
    TakeState state = TakeState::intent;
    std::string job;                ///< the service's id, once accepted
    std::optional<double> estimate; ///< USD
    std::optional<double> charged;  ///< USD, as the service reported
    nlohmann::json footage;         ///< the finished take: Footage and what an extension needs; null before
    std::string message;            ///< the service's last word on a refusal
    std::string own_id;             ///< our own name for the submit, written before it leaves
    std::int64_t submitted = 0;     ///< Unix seconds of acceptance
    std::int64_t expires = 0;       ///< Unix seconds after which the service forgets it; 0: not known
    std::int64_t updated = 0;       ///< Unix seconds
};

/// What has happened in one working directory, in one SQLite file (WAL, synchronous FULL: a commit that returned
/// survives power loss). Safe to share between threads and processes.
class Ledger {
public:
    static constexpr int k_version = 2;

    /// passing: gone with the program, so that nobody will ever ask whether a file is still the same, nor is anything
    /// synced. Never where money is spent.
    enum class Life { lasting, passing };

    /// Opens or creates the file. Throws Error(usage) if it was written by a newer version.
    explicit Ledger(const std::filesystem::path& file, Life life = Life::lasting);
    ~Ledger();

    /// The recorded result of a finished step.
    std::optional<nlohmann::json> find(const std::string& key);
    void record(const std::string& key, const std::string& step, const nlohmann::json& result);
    void forget(const std::string& key);

    std::optional<TakeRecord> take(const std::string& fingerprint);
    void put(const TakeRecord& take);
    std::vector<TakeRecord> takes();

    /// SHA-256 of a file, remembered by path, size and modification time so that an unchanged file is read once.
    /// In a passing ledger: of those alone, which is enough for as long as it lives and reads nothing.
    std::string hash_of(const std::filesystem::path& file);

    /// Remembers the SHA-256 of a file as it is now, for who has read it already.
    void remember(const std::filesystem::path& file, const std::string& sha256);

private:
    struct Database;
    std::mutex mutex_;
    std::unique_ptr<Database> database_;
    Life life_;
};

} // namespace longtake
