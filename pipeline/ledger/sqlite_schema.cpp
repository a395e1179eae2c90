#include "pipeline/ledger/sqlite_schema.h"

#include "pipeline/ledger/sql/tables.h"

#include <string>

namespace longtake {
namespace {

/// What of a ledger is only where the files are: see FileHashes.
constexpr const char* k_file_table = R"sql(
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL);
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

/// What version 3 lacked.
constexpr const char* k_from_3 = R"sql(
ALTER TABLE takes ADD COLUMN deadline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE takes ADD COLUMN owner TEXT NOT NULL DEFAULT '';
)sql";

/// What payments of version 3 lacked, and what they come to.
constexpr const char* k_payments_from_3 = R"sql(
ALTER TABLE payments ADD COLUMN film TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN day TEXT NOT NULL DEFAULT '';
UPDATE payments SET film = 'film//' || rehearsal;
)sql";

constexpr const char* k_sums_of_payments = R"sql(
INSERT OR REPLACE INTO sums
  SELECT film, SUM(CAST(ROUND(COALESCE(charged, amount, 0) * 1000000) AS INTEGER)) FROM payments
  WHERE film <> '' GROUP BY film;
)sql";

/// The payments that the takes of version 2 tell of.
constexpr const char* k_payments_of_2 = R"sql(
INSERT OR IGNORE INTO payments (own_id, account, rehearsal, amount, charged, film)
  SELECT CASE own_id WHEN '' THEN fingerprint ELSE own_id END, '', 0, estimate, charged, 'film//0' FROM takes
  WHERE provider <> 'local' AND (state IN ('intent', 'submitted', 'done', 'ambiguous') OR charged > 0);
)sql";

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
    if (from > 0 && from <= 3) {
        db.exec(k_from_3);
    }
    if (from == 3) {
        db.exec(k_payments_from_3);
    }
    db.exec(ledger_tables());
    db.exec(k_file_table);
    if (from == 1 || from == 2) {
        db.exec(k_payments_of_2);
    }
    if (from > 0 && from <= 3) {
        db.exec(k_sums_of_payments);
    }
    // What it is known by and salts with, made once.
    db.exec("INSERT OR IGNORE INTO meta VALUES ('id', lower(hex(randomblob(16)))), "
            "('salt', lower(hex(randomblob(16))))");
    db.exec("PRAGMA user_version=" + std::to_string(k_ledger_format));
    change.commit();
}

} // namespace longtake
