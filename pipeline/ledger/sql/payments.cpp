#include "pipeline/ledger/sql/payments.h"

#include <cmath>

namespace longtake {
namespace {

SqlValue amount_of(const std::optional<double>& usd)
{
    return usd ? SqlValue(*usd) : SqlValue();
}

void add_to_sum(Database& database, const std::string& name, std::int64_t micros)
{
    if (name.empty() || micros == 0) {
        return;
    }
    database.run("INSERT INTO sums (name, micros) VALUES ($1, $2) "
                 "ON CONFLICT (name) DO UPDATE SET micros = sums.micros + excluded.micros",
                 {name, micros});
}

/// A payment as it counts.
struct Counted {
    bool there = false;
    std::int64_t micros = 0;
    std::string film;
    std::string day;
};

Counted counted(Database& database, const std::string& own_id)
{
    const SqlResult found =
        database.run("SELECT COALESCE(charged, amount, 0), film, day FROM payments WHERE own_id = $1", {own_id});
    if (found.rows.empty()) {
        return {};
    }
    const SqlRow& row = found.rows[0];
    return {true, micros_of(real_of(row[0])), text_of(row[1]), text_of(row[2])};
}

void reserve_payment(Database& database, const TakeRecord& take, const std::string& film, const std::string& day)
{
    database.run("INSERT INTO payments (own_id, account, rehearsal, amount, charged, film, day) "
                 "VALUES ($1, $2, $3, $4, NULL, $5, $6) "
                 "ON CONFLICT (own_id) DO UPDATE SET account = excluded.account, rehearsal = excluded.rehearsal, "
                 "amount = excluded.amount, charged = NULL, film = excluded.film, day = excluded.day",
                 {take.own_id, take.account, std::int64_t{take.rehearsal}, amount_of(take.estimate), film, day});
}

} // namespace

std::int64_t micros_of(double usd)
{
    return std::llround(usd * 1e6);
}

std::int64_t sum_of(Database& database, const std::string& name)
{
    const SqlResult found = database.run("SELECT micros FROM sums WHERE name = $1", {name});
    return found.rows.empty() ? 0 : integer_of(found.rows[0][0]);
}

std::int64_t locked_sum(Database& database, const std::string& name)
{
    database.run("INSERT INTO sums (name, micros) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING", {name});
    const SqlResult found =
        database.run(std::string("SELECT micros FROM sums WHERE name = $1") + database.dialect().for_update, {name});
    return integer_of(found.rows.at(0).at(0));
}

void write_payment(Database& database, const TakeRecord& take, Payment payment, const std::string& film,
                   const std::string& day)
{
    if (payment == Payment::unchanged) {
        return;
    }
    if (payment == Payment::released) {
        remove_payment(database, take.own_id);
        return;
    }
    const Counted before = counted(database, take.own_id);
    if (payment == Payment::reserved) {
        add_to_sum(database, before.film, -before.micros);
        add_to_sum(database, before.day, -before.micros);
        reserve_payment(database, take, film, day);
        add_to_sum(database, film, micros_of(take.estimate.value_or(0)));
        add_to_sum(database, day, micros_of(take.estimate.value_or(0)));
        return;
    }
    if (!before.there) {
        return;
    }
    database.run("UPDATE payments SET charged = $2 WHERE own_id = $1", {take.own_id, amount_of(take.charged)});
    const std::int64_t change = counted(database, take.own_id).micros - before.micros;
    add_to_sum(database, before.film, change);
    add_to_sum(database, before.day, change);
}

void remove_payment(Database& database, const std::string& own_id)
{
    const Counted before = counted(database, own_id);
    database.run("DELETE FROM payments WHERE own_id = $1", {own_id});
    add_to_sum(database, before.film, -before.micros);
    add_to_sum(database, before.day, -before.micros);
}

} // namespace longtake
