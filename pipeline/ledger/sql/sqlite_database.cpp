#include "pipeline/ledger/sql/sqlite_database.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <condition_variable>

namespace longtake {
namespace {

constexpr SqlDialect k_sqlite = {"CAST(strftime('%s', 'now') AS INTEGER)", "date('now')", "", ""};

/// Numbers of statfs(2) and linux/magic.h.
struct FileSystem {
    unsigned long magic;
    const char* name;
};

constexpr std::array k_network_file_systems = {
    FileSystem{0x6969, "NFS"},        FileSystem{0x517B, "SMB"},      FileSystem{0xFF534D42, "SMB"},
    FileSystem{0xFE534D42, "SMB"},    FileSystem{0x65735546, "FUSE"}, FileSystem{0x00C36400, "Ceph"},
    FileSystem{0x5346414F, "AFS"},    FileSystem{0x73757245, "Coda"}, FileSystem{0x01021997, "9P"},
    FileSystem{0x0BD00BD0, "Lustre"}, FileSystem{0x47504653, "GPFS"},
};

void bind_sql(SQLite::Statement& statement, const std::string& name, const SqlValue& value)
{
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        statement.bind(name, *integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
        statement.bind(name, *real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        statement.bind(name, *text);
    } else {
        statement.bind(name);
    }
}

SqlValue value_in(const SQLite::Column& column)
{
    if (column.isNull()) {
        return std::monostate();
    }
    if (column.isInteger()) {
        return column.getInt64();
    }
    if (column.isFloat()) {
        return column.getDouble();
    }
    return column.getString();
}

} // namespace

std::string network_file_system(const std::filesystem::path& path)
{
    struct statfs status {};
    if (::statfs(path.empty() ? "." : path.c_str(), &status) != 0) {
        return {};
    }
    const auto magic = static_cast<unsigned long>(status.f_type) & 0xFFFFFFFFUL;
    const auto* found = std::ranges::find(k_network_file_systems, magic, &FileSystem::magic);
    return found == k_network_file_systems.end() ? "" : found->name;
}

namespace {

/// `file`, if several processes of one machine can share it.
const std::filesystem::path& shareable(const std::filesystem::path& file, const std::filesystem::path& locks)
{
    const std::string network = locks.empty() ? "" : network_file_system(file.parent_path());
    if (!network.empty()) {
        throw Error(Errc::usage,
                    fmt::format("ledger '{}': lies on {}, where SQLite cannot keep several processes apart; give a "
                                "folder of this machine, or --ledger postgresql://... for many machines",
                                file.string(), network));
    }
    return file;
}

} // namespace

SqliteDatabase::SqliteDatabase(const std::filesystem::path& file, Durability durability, std::filesystem::path locks)
    : file_(shareable(file, locks), durability), locks_(std::move(locks))
{
}

const SqlDialect& SqliteDatabase::dialect() const noexcept
{
    return k_sqlite;
}

SqlResult SqliteDatabase::run(const std::string& statement, const SqlRow& values)
{
    const std::lock_guard lock(mutex_);
    return file_.guarded("used", [&](SQLite::Database& db) {
        SQLite::Statement asked(db, statement);
        for (std::size_t i = 0; i < values.size(); ++i) {
            bind_sql(asked, "$" + std::to_string(i + 1), values[i]);
        }
        SqlResult result;
        while (asked.executeStep()) {
            SqlRow row;
            for (int column = 0; column < asked.getColumnCount(); ++column) {
                row.push_back(value_in(asked.getColumn(column)));
            }
            result.rows.push_back(std::move(row));
        }
        result.changed = db.getChanges();
        return result;
    });
}

bool SqliteDatabase::try_lock(const std::string& name)
{
    if (locks_.empty()) {
        return true;
    }
    const std::lock_guard lock(mutex_);
    auto held = LockFile::at_once(locks_ / name);
    if (!held) {
        return false;
    }
    held_[name] = std::move(held);
    return true;
}

void SqliteDatabase::unlock(const std::string& name) noexcept
{
    const std::lock_guard lock(mutex_);
    held_.erase(name);
}

void SqliteDatabase::notify(const std::string& /*channel*/) {}

void SqliteDatabase::wait(const std::string& /*channel*/, std::chrono::milliseconds longest, std::stop_token stop)
{
    std::mutex alone;
    std::unique_lock lock(alone);
    std::condition_variable_any never;
    never.wait_for(lock, std::move(stop), longest, [] { return false; });
}

Database::Examination SqliteDatabase::examine()
{
    return {"SQLite " + text_of(run("SELECT sqlite_version()", {}).rows.at(0).at(0)) +
            ", for processes of one machine"};
}

void SqliteDatabase::begin()
{
    run("BEGIN IMMEDIATE", {}); // between looking and writing no other may write
}

void SqliteDatabase::commit()
{
    run("COMMIT", {});
}

void SqliteDatabase::roll_back() noexcept
{
    try {
        run("ROLLBACK", {});
    } catch (const std::exception&) { // SQLite did it itself
    }
}

} // namespace longtake
