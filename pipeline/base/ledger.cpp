#include "pipeline/base/ledger.h"

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace longtake {
namespace {

constexpr int k_busy_ms = 20'000;

constexpr const char* k_tables = R"sql(
CREATE TABLE IF NOT EXISTS steps (
  key TEXT PRIMARY KEY, step TEXT NOT NULL, result TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS takes (
  fingerprint TEXT PRIMARY KEY, shot TEXT NOT NULL, idx INTEGER NOT NULL, kind TEXT NOT NULL,
  provider TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, job TEXT NOT NULL,
  estimate REAL, charged REAL, footage TEXT NOT NULL, message TEXT NOT NULL, updated INTEGER NOT NULL,
  own_id TEXT NOT NULL DEFAULT '', submitted INTEGER NOT NULL DEFAULT 0, expires INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL);
)sql";

/// What version 1 lacked.
constexpr const char* k_from_1 = R"sql(
ALTER TABLE takes ADD COLUMN own_id TEXT NOT NULL DEFAULT '';
ALTER TABLE takes ADD COLUMN submitted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE takes ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::array k_states = {TakeState::intent, TakeState::waiting, TakeState::submitted,
                                 TakeState::done,   TakeState::refused, TakeState::ambiguous};

TakeState state_from(const std::string& text)
{
    for (const TakeState state : k_states) {
        if (word(state) == text) {
            return state;
        }
    }
    throw Error(Errc::internal, "ledger: unknown take state '" + text + "'");
}

void bind_optional(SQLite::Statement& statement, int index, const std::optional<double>& value)
{
    if (value) {
        statement.bind(index, *value);
    } else {
        statement.bind(index);
    }
}

std::optional<double> optional_column(const SQLite::Column& column)
{
    return column.isNull() ? std::nullopt : std::optional<double>(column.getDouble());
}

TakeRecord read_take(SQLite::Statement& row)
{
    TakeRecord take;
    take.fingerprint = row.getColumn(0).getString();
    take.shot = row.getColumn(1).getString();
    take.index = row.getColumn(2).getInt();
    take.kind = row.getColumn(3).getString();
    take.provider = row.getColumn(4).getString();
    take.model = row.getColumn(5).getString();
    take.state = state_from(row.getColumn(6).getString());
    take.job = row.getColumn(7).getString();
    take.estimate = optional_column(row.getColumn(8));
    take.charged = optional_column(row.getColumn(9));
    take.footage = nlohmann::json::parse(row.getColumn(10).getString());
    take.message = row.getColumn(11).getString();
    take.updated = row.getColumn(12).getInt64();
    take.own_id = row.getColumn(13).getString();
    take.submitted = row.getColumn(14).getInt64();
    take.expires = row.getColumn(15).getInt64();
    return take;
}

} // namespace

std::string word(TakeState state)
{
    switch (state) {
    case TakeState::intent: return "intent";
    case TakeState::waiting: return "waiting";
    case TakeState::submitted: return "submitted";
    case TakeState::done: return "done";
    case TakeState::refused: return "refused";
    case TakeState::ambiguous: return "ambiguous";
    }
    return "intent";
}

struct Ledger::Database {
    explicit Database(const std::filesystem::path& file)
        : db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, k_busy_ms)
    {
    }
    SQLite::Database db;
};

Ledger::Ledger(const std::filesystem::path& file, Life life) : life_(life)
{
    try {
        database_ = std::make_unique<Database>(file);
        SQLite::Database& db = database_->db;
        db.exec(life_ == Life::passing ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL");
        db.exec("PRAGMA journal_mode=WAL");
        const int version = db.execAndGet("PRAGMA user_version").getInt();
        if (version > k_version) {
            throw Error(Errc::usage, "ledger '" + file.string() + "': written by a newer longtake (format " +
                                         std::to_string(version) + ", this one reads " + std::to_string(k_version) +
                                         "); update longtake");
        }
        SQLite::Transaction change(db);
        if (version == 1) {
            db.exec(k_from_1);
        }
        db.exec(k_tables);
        db.exec("PRAGMA user_version=" + std::to_string(k_version));
        change.commit();
    } catch (const SQLite::Exception& error) {
        throw Error(Errc::internal, "ledger '" + file.string() + "': " + error.what());
    }
}

Ledger::~Ledger() = default;

std::optional<nlohmann::json> Ledger::find(const std::string& key)
{
    const std::lock_guard lock(mutex_);
    SQLite::Statement row(database_->db, "SELECT result FROM steps WHERE key = ?");
    row.bind(1, key);
    if (!row.executeStep()) {
        return std::nullopt;
    }
    return nlohmann::json::parse(row.getColumn(0).getString());
}

void Ledger::record(const std::string& key, const std::string& step, const nlohmann::json& result)
{
    const std::lock_guard lock(mutex_);
    SQLite::Statement insert(database_->db, "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?)");
    insert.bind(1, key);
    insert.bind(2, step);
    insert.bind(3, result.dump());
    insert.bind(4, static_cast<std::int64_t>(std::time(nullptr)));
    insert.exec();
}

void Ledger::forget(const std::string& key)
{
    const std::lock_guard lock(mutex_);
    SQLite::Statement remove(database_->db, "DELETE FROM steps WHERE key = ?");
    remove.bind(1, key);
    remove.exec();
}

std::optional<TakeRecord> Ledger::take(const std::string& fingerprint)
{
    const std::lock_guard lock(mutex_);
    SQLite::Statement row(database_->db, "SELECT * FROM takes WHERE fingerprint = ?");
    row.bind(1, fingerprint);
    if (!row.executeStep()) {
        return std::nullopt;
    }
    return read_take(row);
}

void Ledger::put(const TakeRecord& take)
{
    const std::lock_guard lock(mutex_);
    SQLite::Statement insert(database_->db,
                             "INSERT OR REPLACE INTO takes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, take.fingerprint);
    insert.bind(2, take.shot);
    insert.bind(3, take.index);
    insert.bind(4, take.kind);
    insert.bind(5, take.provider);
    insert.bind(6, take.model);
    insert.bind(7, word(take.state));
    insert.bind(8, take.job);
    bind_optional(insert, 9, take.estimate);
    bind_optional(insert, 10, take.charged);
    insert.bind(11, take.footage.dump());
    insert.bind(12, take.message);
    insert.bind(13, static_cast<std::int64_t>(std::time(nullptr)));
    insert.bind(14, take.own_id);
    insert.bind(15, take.submitted);
    insert.bind(16, take.expires);
    insert.exec();
}

std::vector<TakeRecord> Ledger::takes()
{
    const std::lock_guard lock(mutex_);
    std::vector<TakeRecord> takes;
    SQLite::Statement rows(database_->db, "SELECT * FROM takes ORDER BY updated, shot, idx");
    while (rows.executeStep()) {
        takes.push_back(read_take(rows));
    }
    return takes;
}

namespace {

/// What tells one state of a file from another without reading it.
struct Stamp {
    std::string path;
    std::int64_t bytes = 0;
    std::int64_t mtime_ns = 0;
};

Stamp stamp_of(const std::filesystem::path& file)
{
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        throw Error(Errc::input, file.string() + ": " + std::strerror(errno));
    }
    return {std::filesystem::absolute(file).lexically_normal().string(), static_cast<std::int64_t>(status.st_size),
            std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

} // namespace

std::string Ledger::hash_of(const std::filesystem::path& file)
{
    const Stamp stamp = stamp_of(file);
    if (life_ == Life::passing) {
        return sha256_of(stamp.path + '\n' + std::to_string(stamp.bytes) + '\n' + std::to_string(stamp.mtime_ns));
    }
    {
        const std::lock_guard lock(mutex_);
        SQLite::Statement row(database_->db, "SELECT sha256 FROM files WHERE path = ? AND bytes = ? AND mtime_ns = ?");
        row.bind(1, stamp.path);
        row.bind(2, stamp.bytes);
        row.bind(3, stamp.mtime_ns);
        if (row.executeStep()) {
            return row.getColumn(0).getString();
        }
    }
    std::string hash = sha256_of_file(file);
    remember(file, hash);
    return hash;
}

void Ledger::remember(const std::filesystem::path& file, const std::string& sha256)
{
    const Stamp stamp = stamp_of(file);
    const std::lock_guard lock(mutex_);
    SQLite::Statement insert(database_->db, "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)");
    insert.bind(1, stamp.path);
    insert.bind(2, stamp.bytes);
    insert.bind(3, stamp.mtime_ns);
    insert.bind(4, sha256);
    insert.exec();
}

} // namespace longtake
