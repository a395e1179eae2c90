#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace longtake {

/// What this user's paid takes have come to, by account and day, shared by every process on the machine: one SQLite
/// file (synchronous FULL). An amount is reserved before a submit leaves, and stays counted if the process dies.
class Spending {
public:
    /// Opens or creates the file, with its folder. Throws Error(internal) if that fails.
    explicit Spending(const std::filesystem::path& file);
    ~Spending();

    /// Counts `amount` USD for `id` against today (UTC) unless that would bring the account's day over `cap`: then
    /// false. The same id again replaces its amount.
    bool reserve(const std::string& id, const std::string& account, double amount, std::optional<double> cap);

    /// What it really came to.
    void settle(const std::string& id, double amount);

    /// Nothing was created: it no longer counts.
    void release(const std::string& id);

    /// USD reserved and spent today.
    double today(const std::string& account);

private:
    struct Database;
    std::mutex mutex_;
    std::unique_ptr<Database> database_;
};

} // namespace longtake
