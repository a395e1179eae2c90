#include "pipeline/ledger/sql/tables.h"

#include "pipeline/base/error.h"
#include "pipeline/base/random_name.h"

#include <fmt/format.h>

#include <string_view>

namespace longtake {
namespace {

/// Amounts of money are whole millionths of a USD, so that sums are exact. `sums` has what counts of a film ("film/..")
/// and of an account's day ("day/.."), changed in the commit that changes a payment: a cap is one row to look at and
/// to lock. `owner`: the session that holds a take, a row or a part, by the lock of that name.
constexpr const char* k_tables = R"sql(
CREATE TABLE IF NOT EXISTS steps (
  key TEXT PRIMARY KEY, step TEXT NOT NULL, result TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS takes (
  fingerprint TEXT PRIMARY KEY, shot TEXT NOT NULL, idx INTEGER NOT NULL, kind TEXT NOT NULL,
  provider TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, job TEXT NOT NULL,
  estimate DOUBLE PRECISION, charged DOUBLE PRECISION, footage TEXT NOT NULL, message TEXT NOT NULL,
  updated BIGINT NOT NULL, own_id TEXT NOT NULL DEFAULT '', submitted BIGINT NOT NULL DEFAULT 0,
  expires BIGINT NOT NULL DEFAULT 0, account TEXT NOT NULL DEFAULT '', rehearsal INTEGER NOT NULL DEFAULT 0,
  seconds DOUBLE PRECISION NOT NULL DEFAULT 0, deadline BIGINT NOT NULL DEFAULT 0, owner TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS takes_by_place ON takes (account, state);
CREATE TABLE IF NOT EXISTS payments (
  own_id TEXT PRIMARY KEY, account TEXT NOT NULL, rehearsal INTEGER NOT NULL,
  amount DOUBLE PRECISION, charged DOUBLE PRECISION, film TEXT NOT NULL DEFAULT '', day TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS sums (name TEXT PRIMARY KEY, micros BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (account TEXT PRIMARY KEY, places INTEGER NOT NULL, since BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, settings TEXT NOT NULL, made BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS batch_rows (
  batch TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, film_key TEXT NOT NULL, board TEXT NOT NULL,
  state TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '', worker TEXT NOT NULL DEFAULT '',
  not_before BIGINT NOT NULL DEFAULT 0, since BIGINT NOT NULL DEFAULT 0, claims INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0, outcome TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '',
  result TEXT NOT NULL DEFAULT '', PRIMARY KEY (batch, name));
CREATE INDEX IF NOT EXISTS batch_rows_in_turn ON batch_rows (state, batch, number);
CREATE TABLE IF NOT EXISTS parts (
  batch TEXT NOT NULL, row_name TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
  owner TEXT NOT NULL DEFAULT '', worker TEXT NOT NULL DEFAULT '', record TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (batch, row_name, key));
CREATE INDEX IF NOT EXISTS parts_by_state ON parts (state, batch, row_name);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
)sql";

/// For dashboards: how rows stand, and what was spent, as numbers of USD.
constexpr const char* k_views = R"sql(
CREATE OR REPLACE VIEW rows_now AS
  SELECT batches.name AS batch, batch_rows.name AS row_name, number, state, outcome, message, worker,
         CASE since WHEN 0 THEN NULL ELSE to_timestamp(since) END AS since, claims, crashes
  FROM batch_rows JOIN batches ON batches.id = batch_rows.batch;
CREATE OR REPLACE VIEW parts_now AS
  SELECT batches.name AS batch, row_name, parts.state, worker, count(*) AS parts
  FROM parts JOIN batches ON batches.id = parts.batch GROUP BY 1, 2, 3, 4;
CREATE OR REPLACE VIEW spending AS
  SELECT split_part(name, '/', 1) AS scope, substr(name, position('/' IN name) + 1) AS of, micros / 1e6 AS usd
  FROM sums;
CREATE OR REPLACE VIEW takes_now AS
  SELECT provider, model, state, rehearsal <> 0 AS rehearsal, count(*) AS takes,
         sum(COALESCE(charged, estimate, 0)) AS usd
  FROM takes GROUP BY 1, 2, 3, 4;
)sql";

/// One after the other, as prepared statements come.
void run_each(Database& database, std::string_view statements)
{
    for (std::size_t end = statements.find(';'); end != std::string_view::npos; end = statements.find(';')) {
        database.run(std::string(statements.substr(0, end)));
        statements.remove_prefix(end + 1);
    }
}

int format_of(Database& postgres)
{
    const SqlResult there = postgres.run("SELECT to_regclass('longtake.meta') IS NOT NULL");
    if (integer_of(there.rows.at(0).at(0)) == 0) {
        return 0;
    }
    const std::string format = fact_of(postgres, "format");
    return format.empty() ? 0 : std::stoi(format);
}

/// What a ledger is known by and salts with, made once.
void make_identity(Database& database)
{
    for (const char* key : {"id", "salt"}) {
        database.run("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
                     {std::string(key), random_name()});
    }
}

void need_known(int format, const std::string& name)
{
    if (format > k_ledger_format) {
        throw Error(Errc::usage, fmt::format("ledger '{}': written by a newer longtake (format {}, this one reads {}); "
                                             "update longtake",
                                             name, format, k_ledger_format));
    }
}

} // namespace

const char* ledger_tables()
{
    return k_tables;
}

std::string fact_of(Database& database, const std::string& name)
{
    const SqlResult found = database.run("SELECT value FROM meta WHERE key = $1", {name});
    return found.rows.empty() ? "" : text_of(found.rows[0][0]);
}

void bring_up_to_date(Database& postgres, const std::string& name, bool make)
{
    const int before = format_of(postgres);
    need_known(before, name);
    if (before == k_ledger_format) {
        return;
    }
    if (!make) {
        throw Error(Errc::usage,
                    fmt::format("ledger '{}': {}; `longtake batch --ledger` and `longtake worker --ledger` "
                                "make {}",
                                name, before == 0 ? "holds no ledger yet" : "is of an older longtake",
                                before == 0 ? "one" : "it one of today"));
    }
    postgres.together([&] {
        postgres.run("SELECT pg_advisory_xact_lock(hashtextextended('longtake format', 0))");
        const int from = format_of(postgres);
        need_known(from, name);
        if (from == k_ledger_format) {
            return;
        }
        postgres.run("CREATE SCHEMA IF NOT EXISTS longtake");
        run_each(postgres, k_tables);
        run_each(postgres, k_views);
        make_identity(postgres);
        postgres.run("INSERT INTO meta (key, value) VALUES ('format', $1) ON CONFLICT (key) DO UPDATE SET value = $1",
                     {std::to_string(k_ledger_format)});
    });
}

} // namespace longtake
