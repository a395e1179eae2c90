#pragma once

#include "pipeline/base/lock_file.h"
#include "pipeline/ledger/sql/database.h"
#include "pipeline/ledger/sqlite_file.h"

#include <filesystem>
#include <map>
#include <memory>

namespace longtake {

/// A database in one SQLite file of this machine. Its locks are files in a folder beside it (flock(2)), so that the
/// kernel frees those of a process that ends.
class SqliteDatabase final : public Database {
public:
    /// Opens or creates the file. `locks`: a folder made when it is needed; empty: one process has the file at a time,
    /// and every lock is free. Throws Error(usage) if the file was written by a newer version, or lies on a network
    /// file system although several processes shall share it.
    SqliteDatabase(const std::filesystem::path& file, Durability durability, std::filesystem::path locks = {});

    const std::string& id() const noexcept { return file_.id(); }
    const std::string& salt() const noexcept { return file_.salt(); }

    const SqlDialect& dialect() const noexcept override;
    SqlResult run(const std::string& statement, const SqlRow& values) override;
    bool try_lock(const std::string& name) override;
    void unlock(const std::string& name) noexcept override;
    void notify(const std::string& channel) override;
    void wait(const std::string& channel, std::chrono::milliseconds longest, std::stop_token stop) override;
    Examination examine() override;

private:
    void begin() override;
    void commit() override;
    void roll_back() noexcept override;

    SqliteFile file_;
    const std::filesystem::path locks_;
    std::map<std::string, std::unique_ptr<LockFile>> held_;
};

/// The name of the network file system that a path lies on; empty: it lies on none that is known. SQLite's WAL needs
/// the memory of one machine (sqlite.org/wal.html), and its locks fail there in silence.
std::string network_file_system(const std::filesystem::path& path);

} // namespace longtake
