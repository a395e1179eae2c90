#include "pipeline/ledger/ledger.h"

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>

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
  own_id TEXT NOT NULL DEFAULT '', submitted INTEGER NOT NULL DEFAULT 0, expires INTEGER NOT NULL DEFAULT 0,
  account TEXT NOT NULL DEFAULT '', rehearsal INTEGER NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payments (
  own_id TEXT PRIMARY KEY, account TEXT NOT NULL, rehearsal INTEGER NOT NULL, amount REAL, charged REAL);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
)sql";

/// What version 1 lacked.
constexpr const char* k_from_1 = R"sql(
ALTER TABLE takes ADD COLUMN own_id TEXT NOT NULL DEFAULT '';
ALTER TABLE takes ADD COLUMN submitted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE takes ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;
)sql";

/// What version 2 lacked in its takes.
constexpr const char* k_from_2 = R"sql(
ALTER TABLE takes ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE takes ADD COLUMN rehearsal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE takes ADD COLUMN seconds REAL NOT NULL DEFAULT 0;
)sql";

/// The payments that the takes of version 2 tell of.
constexpr const char* k_payments_of_2 = R"sql(
INSERT OR IGNORE INTO payments
  SELECT CASE own_id WHEN '' THEN fingerprint ELSE own_id END, '', 0, estimate, charged FROM takes
  WHERE provider <> 'local' AND (state IN ('intent', 'submitted', 'done', 'ambiguous') OR charged > 0);
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
    take.account = row.getColumn(16).getString();
    take.rehearsal = row.getColumn(17).getInt() != 0;
    take.seconds = row.getColumn(18).getDouble();
    return take;
}

/// 128 bits, as hex.
std::string random_name()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

/// SQLite makes its files with its own mode; beside a database they get the database's.
void make_private(const std::filesystem::path& file)
{
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat status {};
    const bool plain = descriptor >= 0 && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    const int reason = errno;
    if (plain && (status.st_mode & 077) != 0) {
        ::fchmod(descriptor, 0600);
    }
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    if (!plain) {
        throw Error(Errc::storage,
                    fmt::format("ledger '{}': {}", file.string(),
                                descriptor >= 0 || reason == ELOOP
                                    ? "is a link or no plain file; remove it, or choose another --workdir"
                                    : std::strerror(reason)));
    }
}

void write_take(SQLite::Database& db, const TakeRecord& take)
{
    SQLite::Statement insert(db, "INSERT OR REPLACE INTO takes VALUES "
                                 "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
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
    insert.bind(17, take.account);
    insert.bind(18, take.rehearsal ? 1 : 0);
    insert.bind(19, take.seconds);
    insert.exec();
}

void write_payment(SQLite::Database& db, const TakeRecord& take, Payment payment)
{
    if (payment == Payment::unchanged) {
        return;
    }
    if (payment == Payment::reserved) {
        SQLite::Statement insert(db, "INSERT OR REPLACE INTO payments VALUES (?, ?, ?, ?, NULL)");
        insert.bind(1, take.own_id);
        insert.bind(2, take.account);
        insert.bind(3, take.rehearsal ? 1 : 0);
        bind_optional(insert, 4, take.estimate);
        insert.exec();
        return;
    }
    SQLite::Statement change(db, payment == Payment::released ? "DELETE FROM payments WHERE own_id = ?"
                                                              : "UPDATE payments SET charged = ?2 WHERE own_id = ?1");
    change.bind(1, take.own_id);
    if (payment == Payment::charged) {
        bind_optional(change, 2, take.charged);
    }
    change.exec();
}

/// A folder of our own for a copy of a ledger, gone with it.
class CopyOfLedger {
public:
    explicit CopyOfLedger(const std::filesystem::path& file)
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "longtake-ledger-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) { // readable by its owner alone
            throw Error(Errc::storage, "make '" + pattern + "': " + std::strerror(errno));
        }
        folder_ = pattern;
        for (const char* suffix : {"", "-wal"}) {
            const std::filesystem::path from = file.string() + suffix;
            if (std::filesystem::exists(from)) {
                std::filesystem::copy_file(from, this->file().string() + suffix);
            }
        }
    }
    ~CopyOfLedger()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    CopyOfLedger(const CopyOfLedger&) = delete;
    CopyOfLedger& operator=(const CopyOfLedger&) = delete;

    std::filesystem::path file() const { return folder_ / "ledger.db"; }

private:
    std::filesystem::path folder_;
};

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

std::string TakeRecord::name() const
{
    return index == 0 ? shot : fmt::format("{}+{}", shot, index);
}

bool TakeRecord::owed() const
{
    return state == TakeState::refused && !job.empty() && charged != 0.0;
}

bool TakeRecord::away() const
{
    return state == TakeState::intent || state == TakeState::submitted || state == TakeState::ambiguous;
}

struct Ledger::Database {
    Database(const std::filesystem::path& file, int flags) : db(file.string(), flags, k_busy_ms) {}

    int version() { return db.execAndGet("PRAGMA user_version").getInt(); }

    /// Brings the tables to today's format. IMMEDIATE: of several who come at once one does it, the others wait.
    void migrate()
    {
        SQLite::Transaction change(db, SQLite::TransactionBehavior::IMMEDIATE);
        const int from = version();
        if (from == 1) {
            db.exec(k_from_1);
        }
        if (from == 1 || from == 2) {
            db.exec(k_from_2);
        }
        db.exec(k_tables);
        if (from == 1 || from == 2) {
            db.exec(k_payments_of_2);
        }
        SQLite::Statement name(db, "INSERT OR IGNORE INTO meta VALUES (?, ?)");
        for (const char* key : {"id", "salt"}) {
            name.bind(1, key);
            name.bind(2, random_name());
            name.exec();
            name.reset();
        }
        db.exec("PRAGMA user_version=" + std::to_string(k_version));
        change.commit();
    }

    SQLite::Database db;
    std::unique_ptr<CopyOfLedger> copy; ///< what is open instead of the file itself
};

/// Runs `work` on the database with the lock held; SQLite's failures become Error(storage).
template <class Work>
auto Ledger::guarded(const char* doing, Work&& work)
{
    const std::lock_guard lock(mutex_);
    try {
        return work(database_->db);
    } catch (const SQLite::Exception& error) {
        throw Error(Errc::storage, fmt::format("ledger '{}' cannot be {}: {}", file_.string(), doing, error.what()));
    }
}

Ledger::Ledger(const std::filesystem::path& file, Life life) : file_(file), life_(life)
{
    try {
        if (life_ == Life::view) {
            open();
        } else {
            make_private(file_);
            database_ = std::make_unique<Database>(file_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            SQLite::Database& db = database_->db;
            db.exec(life_ == Life::passing ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL");
            db.exec("PRAGMA journal_mode=WAL");
        }
        if (const int version = database_->version(); version > k_version) {
            throw Error(Errc::usage, fmt::format("ledger '{}': written by a newer longtake (format {}, this one reads "
                                                 "{}); update longtake",
                                                 file_.string(), version, k_version));
        }
        if (database_->version() < k_version) {
            database_->migrate();
        }
        read_identity();
    } catch (const SQLite::Exception& error) {
        throw Error(Errc::storage, fmt::format("ledger '{}': {}", file_.string(), error.what()));
    }
}

/// For looking at: the file itself where that writes nothing, else a copy.
void Ledger::open()
{
    std::error_code code;
    if (std::filesystem::is_symlink(file_, code) || !std::filesystem::is_regular_file(file_, code)) {
        throw Error(Errc::usage, fmt::format("ledger '{}': is no plain file", file_.string()));
    }
    try {
        database_ = std::make_unique<Database>(file_, SQLite::OPEN_READONLY);
        if (database_->version() >= k_version) {
            return;
        }
    } catch (const SQLite::Exception&) { // WAL wants to write beside the file, and may not
    }
    auto copy = std::make_unique<CopyOfLedger>(file_);
    database_ = std::make_unique<Database>(copy->file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database_->copy = std::move(copy);
}

void Ledger::read_identity()
{
    SQLite::Statement rows(database_->db, "SELECT key, value FROM meta");
    while (rows.executeStep()) {
        (rows.getColumn(0).getString() == "id" ? id_ : salt_) = rows.getColumn(1).getString();
    }
}

Ledger::~Ledger() = default;

std::optional<nlohmann::json> Ledger::find(const std::string& key)
{
    return guarded("read", [&](SQLite::Database& db) -> std::optional<nlohmann::json> {
        SQLite::Statement row(db, "SELECT result FROM steps WHERE key = ?");
        row.bind(1, key);
        if (!row.executeStep()) {
            return std::nullopt;
        }
        return nlohmann::json::parse(row.getColumn(0).getString());
    });
}

void Ledger::record(const std::string& key, const std::string& step, const nlohmann::json& result)
{
    guarded("written", [&](SQLite::Database& db) {
        SQLite::Statement insert(db, "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?)");
        insert.bind(1, key);
        insert.bind(2, step);
        insert.bind(3, result.dump());
        insert.bind(4, static_cast<std::int64_t>(std::time(nullptr)));
        insert.exec();
    });
}

void Ledger::forget(const std::string& key)
{
    guarded("written", [&](SQLite::Database& db) {
        SQLite::Statement remove(db, "DELETE FROM steps WHERE key = ?");
        remove.bind(1, key);
        remove.exec();
    });
}

std::optional<TakeRecord> Ledger::take(const std::string& fingerprint)
{
    return guarded("read", [&](SQLite::Database& db) -> std::optional<TakeRecord> {
        SQLite::Statement row(db, "SELECT * FROM takes WHERE fingerprint = ?");
        row.bind(1, fingerprint);
        if (!row.executeStep()) {
            return std::nullopt;
        }
        return read_take(row);
    });
}

void Ledger::put(const TakeRecord& take, Payment payment)
{
    guarded("written", [&](SQLite::Database& db) {
        SQLite::Transaction change(db, SQLite::TransactionBehavior::IMMEDIATE);
        write_take(db, take);
        write_payment(db, take, payment);
        change.commit();
    });
}

std::vector<TakeRecord> Ledger::takes()
{
    return guarded("read", [&](SQLite::Database& db) {
        std::vector<TakeRecord> takes;
        SQLite::Statement rows(db, "SELECT * FROM takes ORDER BY updated, shot, idx");
        while (rows.executeStep()) {
            takes.push_back(read_take(rows));
        }
        return takes;
    });
}

double Ledger::spent(bool rehearsal)
{
    return guarded("read", [&](SQLite::Database& db) {
        SQLite::Statement row(db, "SELECT COALESCE(SUM(COALESCE(charged, amount, 0)), 0) FROM payments "
                                  "WHERE rehearsal = ?");
        row.bind(1, rehearsal ? 1 : 0);
        row.executeStep();
        return row.getColumn(0).getDouble();
    });
}

std::optional<double> Ledger::payment(const std::string& own_id)
{
    return guarded("read", [&](SQLite::Database& db) -> std::optional<double> {
        SQLite::Statement row(db, "SELECT COALESCE(charged, amount, 0) FROM payments WHERE own_id = ?");
        row.bind(1, own_id);
        return row.executeStep() ? std::optional(row.getColumn(0).getDouble()) : std::nullopt;
    });
}

void Ledger::forget_account(const std::string& account)
{
    guarded("written", [&](SQLite::Database& db) {
        SQLite::Transaction change(db, SQLite::TransactionBehavior::IMMEDIATE);
        SQLite::Statement payments(db, "DELETE FROM payments WHERE account = ?1 AND own_id NOT IN "
                                       "(SELECT own_id FROM takes WHERE state = 'done')");
        payments.bind(1, account);
        payments.exec();
        SQLite::Statement takes(db, "DELETE FROM takes WHERE account = ? AND state <> 'done'");
        takes.bind(1, account);
        takes.exec();
        change.commit();
    });
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
    const auto known = guarded("read", [&](SQLite::Database& db) -> std::optional<std::string> {
        SQLite::Statement row(db, "SELECT sha256 FROM files WHERE path = ? AND bytes = ? AND mtime_ns = ?");
        row.bind(1, stamp.path);
        row.bind(2, stamp.bytes);
        row.bind(3, stamp.mtime_ns);
        return row.executeStep() ? std::optional(row.getColumn(0).getString()) : std::nullopt;
    });
    if (known) {
        return *known;
    }
    std::string hash = sha256_of_file(file);
    remember(file, hash);
    return hash;
}

bool Ledger::holds(const std::filesystem::path& file, const std::string& sha256)
{
    std::error_code code;
    const auto status = std::filesystem::symlink_status(file, code);
    return std::filesystem::is_regular_file(status) && (life_ == Life::passing || hash_of(file) == sha256);
}

void Ledger::remember(const std::filesystem::path& file, const std::string& sha256)
{
    if (life_ == Life::view) {
        return;
    }
    const Stamp stamp = stamp_of(file);
    guarded("written", [&](SQLite::Database& db) {
        SQLite::Statement insert(db, "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)");
        insert.bind(1, stamp.path);
        insert.bind(2, stamp.bytes);
        insert.bind(3, stamp.mtime_ns);
        insert.bind(4, sha256);
        insert.exec();
    });
}

} // namespace longtake
