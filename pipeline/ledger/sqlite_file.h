#pragma once

#include "pipeline/base/error.h"
#include "pipeline/ledger/durability.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace longtake {

/// The SQLite file of a working directory, open and in today's format (WAL; where it lasts, synchronous FULL), readable
/// by its owner alone. Safe to share between threads and processes.
class SqliteFile {
public:
    /// Opens or creates the file. Throws Error(usage) if it was written by a newer version, Error(storage) where it
    /// cannot be opened.
    SqliteFile(const std::filesystem::path& file, Durability durability);
    ~SqliteFile();

    /// Of what has been made with the file: see Ledger.
    const std::string& id() const noexcept { return id_; }
    const std::string& salt() const noexcept { return salt_; }

    /// Runs `work` on the database with the lock held; SQLite's failures become Error(storage): it "cannot be" `done`.
    template <class Work>
    auto guarded(const char* done, Work&& work)
    {
        const std::lock_guard lock(mutex_);
        try {
            return work(*database_);
        } catch (const SQLite::Exception& error) {
            throw Error(Errc::storage, fmt::format("ledger '{}' cannot be {}: {}", file_.string(), done, error.what()));
        }
    }

private:
    class Copy;
    void open_to_write(Durability durability);
    void open_to_look();
    void bring_up_to_date();
    void read_identity();

    const std::filesystem::path file_;
    std::mutex mutex_;
    std::unique_ptr<Copy> copy_; ///< what is open instead of the file itself
    std::unique_ptr<SQLite::Database> database_;
    std::string id_;
    std::string salt_;
};

} // namespace longtake
