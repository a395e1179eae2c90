#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// What this user's paid takes have come to, by account and day, shared by every process on the machine: one SQLite
/// file (synchronous FULL), readable by its owner alone. An amount is reserved before a submit leaves, and stays
/// counted if the process dies. Throws Error(storage) where the file cannot be read or written.
class Spending {
public:
    /// Opens or creates the file, with its folder.
    explicit Spending(const std::filesystem::path& file);
    ~Spending();

    /// Counts `amount` USD for `id` against today (UTC) unless that would bring the account's day over `cap`: then
    /// false. The same id again replaces its amount. `ledger`: the id of the ledger whose intent follows.
    bool reserve(const std::string& id, const std::string& account, double amount, std::optional<double> cap,
                 const std::string& ledger = {});

    /// Its intent is in the ledger: from here on the submit may be on its way.
    void mark_sent(const std::string& id);

    /// What it really came to.
    void settle(const std::string& id, double amount);

    /// Nothing was created: it no longer counts.
    void release(const std::string& id);

    /// USD reserved and spent today.
    double today(const std::string& account);

    struct Reservation {
        std::string id;
        bool sent = false; ///< see mark_sent()
        double amount = 0;
    };

    /// All that was reserved for the intents of a ledger.
    std::vector<Reservation> of(const std::string& ledger);

private:
    struct Database;
    template <class Work>
    auto guarded(Work&& work);

    const std::filesystem::path file_;
    std::mutex mutex_;
    std::unique_ptr<Database> database_;
};

} // namespace longtake
