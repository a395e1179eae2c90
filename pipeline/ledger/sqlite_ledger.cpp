#include "pipeline/ledger/sqlite_ledger.h"

#include "pipeline/ledger/sqlite_takes.h"
#include "pipeline/ledger/sqlite_value.h"

#include <ctime>

namespace longtake {
namespace {

void write_payment(SQLite::Database& db, const TakeRecord& take, Payment payment)
{
    if (payment == Payment::unchanged) {
        return;
    }
    if (payment == Payment::reserved) {
        SQLite::Statement insert(db, "INSERT OR REPLACE INTO payments (own_id, account, rehearsal, amount, charged) "
                                     "VALUES (?, ?, ?, ?, NULL)");
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

} // namespace

std::optional<nlohmann::json> SqliteLedger::find(const std::string& key)
{
    return file_.guarded("read", [&](SQLite::Database& db) -> std::optional<nlohmann::json> {
        SQLite::Statement row(db, "SELECT result FROM steps WHERE key = ?");
        row.bind(1, key);
        if (!row.executeStep()) {
            return std::nullopt;
        }
        return nlohmann::json::parse(row.getColumn("result").getString());
    });
}

void SqliteLedger::record(const std::string& key, const std::string& step, const nlohmann::json& result)
{
    file_.guarded("written", [&](SQLite::Database& db) {
        SQLite::Statement insert(db, "INSERT OR REPLACE INTO steps (key, step, result, at) VALUES (?, ?, ?, ?)");
        insert.bind(1, key);
        insert.bind(2, step);
        insert.bind(3, result.dump());
        insert.bind(4, static_cast<std::int64_t>(std::time(nullptr)));
        insert.exec();
    });
}

void SqliteLedger::forget(const std::string& key)
{
    file_.guarded("written", [&](SQLite::Database& db) {
        SQLite::Statement remove(db, "DELETE FROM steps WHERE key = ?");
        remove.bind(1, key);
        remove.exec();
    });
}

std::optional<TakeRecord> SqliteLedger::take(const std::string& fingerprint)
{
    return file_.guarded("read", [&](SQLite::Database& db) { return read_take(db, fingerprint); });
}

void SqliteLedger::put(const TakeRecord& take, Payment payment)
{
    file_.guarded("written", [&](SQLite::Database& db) {
        SQLite::Transaction change(db, SQLite::TransactionBehavior::IMMEDIATE);
        write_take(db, take);
        write_payment(db, take, payment);
        change.commit();
    });
}

std::vector<TakeRecord> SqliteLedger::takes()
{
    return file_.guarded("read", [&](SQLite::Database& db) { return read_takes(db); });
}

double SqliteLedger::spent(bool rehearsal)
{
    return file_.guarded("read", [&](SQLite::Database& db) {
        SQLite::Statement row(db, "SELECT COALESCE(SUM(COALESCE(charged, amount, 0)), 0) AS paid FROM payments "
                                  "WHERE rehearsal = ?");
        row.bind(1, rehearsal ? 1 : 0);
        row.executeStep();
        return row.getColumn("paid").getDouble();
    });
}

std::optional<double> SqliteLedger::payment(const std::string& own_id)
{
    return file_.guarded("read", [&](SQLite::Database& db) -> std::optional<double> {
        SQLite::Statement row(db, "SELECT COALESCE(charged, amount, 0) AS paid FROM payments WHERE own_id = ?");
        row.bind(1, own_id);
        return row.executeStep() ? std::optional(row.getColumn("paid").getDouble()) : std::nullopt;
    });
}

void SqliteLedger::forget_account(const std::string& account)
{
    file_.guarded("written", [&](SQLite::Database& db) {
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

} // namespace longtake
