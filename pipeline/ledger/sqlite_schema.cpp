#include "pipeline/ledger/sqlite_schema.h"

#include <fmt/format.h>

#include <random>
#include <string>

namespace longtake {
namespace {

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

/// 128 bits, as hex.
std::string random_name()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

/// What a ledger is known by and what it salts with, made once.
void make_identity(SQLite::Database& db)
{
    SQLite::Statement name(db, "INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)");
    for (const char* key : {"id", "salt"}) {
        name.bind(1, key);
        name.bind(2, random_name());
        name.exec();
        name.reset();
    }
}

} // namespace

int ledger_format(SQLite::Database& db)
{
    return db.execAndGet("PRAGMA user_version").getInt();
}

void migrate_ledger(SQLite::Database& db)
{
    // IMMEDIATE: who waits here reads the format that another has brought about meanwhile.
    SQLite::Transaction change(db, SQLite::TransactionBehavior::IMMEDIATE);
    const int from = ledger_format(db);
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
    make_identity(db);
    db.exec("PRAGMA user_version=" + std::to_string(k_ledger_format));
    change.commit();
}

} // namespace longtake
