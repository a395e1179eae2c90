#include "pipeline/ledger/sql/take_rows.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace longtake {
namespace {

SqlValue to_sql(const std::string& value)
{
    return value;
}

SqlValue to_sql(std::int64_t value)
{
    return value;
}

SqlValue to_sql(int value)
{
    return std::int64_t{value};
}

SqlValue to_sql(bool value)
{
    return std::int64_t{value};
}

SqlValue to_sql(double value)
{
    return value;
}

SqlValue to_sql(const std::optional<double>& value)
{
    return value ? SqlValue(*value) : SqlValue();
}

SqlValue to_sql(TakeState value)
{
    return word(value);
}

SqlValue to_sql(const nlohmann::json& value)
{
    return value.dump();
}

void from_sql(const SqlValue& sql, std::string& value)
{
    value = text_of(sql);
}

void from_sql(const SqlValue& sql, std::int64_t& value)
{
    value = integer_of(sql);
}

void from_sql(const SqlValue& sql, int& value)
{
    value = static_cast<int>(integer_of(sql));
}

void from_sql(const SqlValue& sql, bool& value)
{
    value = integer_of(sql) != 0;
}

void from_sql(const SqlValue& sql, double& value)
{
    value = real_of(sql);
}

void from_sql(const SqlValue& sql, std::optional<double>& value)
{
    value = std::holds_alternative<std::monostate>(sql) ? std::nullopt : std::optional(real_of(sql));
}

void from_sql(const SqlValue& sql, TakeState& value)
{
    value = take_state(text_of(sql));
}

void from_sql(const SqlValue& sql, nlohmann::json& value)
{
    value = nlohmann::json::parse(text_of(sql));
}

/// A column of the takes, and the field of a record that it holds.
struct TakeColumn {
    const char* name;
    SqlValue (*write)(const TakeRecord& take);
    void (*read)(const SqlValue& value, TakeRecord& take);
};

template <auto Field>
constexpr TakeColumn take_column(const char* name)
{
    return {name, [](const TakeRecord& take) { return to_sql(take.*Field); },
            [](const SqlValue& value, TakeRecord& take) { from_sql(value, take.*Field); }};
}

/// What is read and written of a take: nowhere else are its columns listed but where the table is made. The last one's
/// value is the database's own.
constexpr std::array k_take_columns = {
    take_column<&TakeRecord::fingerprint>("fingerprint"),
    take_column<&TakeRecord::shot>("shot"),
    take_column<&TakeRecord::index>("idx"),
    take_column<&TakeRecord::kind>("kind"),
    take_column<&TakeRecord::provider>("provider"),
    take_column<&TakeRecord::model>("model"),
    take_column<&TakeRecord::state>("state"),
    take_column<&TakeRecord::job>("job"),
    take_column<&TakeRecord::estimate>("estimate"),
    take_column<&TakeRecord::charged>("charged"),
    take_column<&TakeRecord::footage>("footage"),
    take_column<&TakeRecord::message>("message"),
    take_column<&TakeRecord::own_id>("own_id"),
    take_column<&TakeRecord::submitted>("submitted"),
    take_column<&TakeRecord::expires>("expires"),
    take_column<&TakeRecord::account>("account"),
    take_column<&TakeRecord::rehearsal>("rehearsal"),
    take_column<&TakeRecord::seconds>("seconds"),
    take_column<&TakeRecord::deadline>("deadline"),
    take_column<&TakeRecord::updated>("updated"),
};

std::string select_takes(std::string_view which)
{
    std::string names;
    for (const TakeColumn& column : k_take_columns) {
        names += (names.empty() ? "" : ", ") + std::string(column.name);
    }
    return "SELECT " + names + " FROM takes " + std::string(which);
}

TakeRecord take_in(const SqlRow& row)
{
    TakeRecord take;
    for (std::size_t i = 0; i < k_take_columns.size(); ++i) {
        k_take_columns[i].read(row.at(i), take);
    }
    return take;
}

std::vector<TakeRecord> takes_in(const SqlResult& result)
{
    std::vector<TakeRecord> takes;
    for (const SqlRow& row : result.rows) {
        takes.push_back(take_in(row));
    }
    return takes;
}

/// Inserts or changes a take; the last value is the owner.
std::string upsert(const SqlDialect& dialect)
{
    std::string names;
    std::string places;
    std::string changes;
    for (std::size_t i = 0; i < k_take_columns.size(); ++i) {
        const std::string name = k_take_columns[i].name;
        names += name + ", ";
        places += (name == "updated" ? dialect.now : "$" + std::to_string(i + 1)) + ", ";
        changes += name + " = excluded." + name + ", ";
    }
    const std::string owner = "$" + std::to_string(k_take_columns.size());
    return "INSERT INTO takes (" + names + "owner) VALUES (" + places + owner +
           ") ON CONFLICT (fingerprint) DO UPDATE SET " + changes +
           "owner = excluded.owner WHERE takes.owner = '' OR takes.owner = excluded.owner";
}

} // namespace

std::optional<TakeRecord> read_take(Database& database, const std::string& fingerprint)
{
    const SqlResult found = database.run(select_takes("WHERE fingerprint = $1"), {fingerprint});
    return found.rows.empty() ? std::nullopt : std::optional(take_in(found.rows[0]));
}

std::vector<TakeRecord> read_takes(Database& database)
{
    return takes_in(database.run(select_takes("ORDER BY updated, shot, idx")));
}

std::vector<TakeRecord> read_takes(Database& database, const std::set<std::string>& fingerprints)
{
    if (fingerprints.empty()) {
        return {};
    }
    std::string list;
    SqlRow values;
    for (const std::string& fingerprint : fingerprints) {
        values.emplace_back(fingerprint);
        list += (list.empty() ? "$" : ", $") + std::to_string(values.size());
    }
    return takes_in(
        database.run(select_takes("WHERE fingerprint IN (" + list + ") ORDER BY updated, shot, idx"), values));
}

bool write_take(Database& database, const TakeRecord& take, const std::string& owner)
{
    SqlRow values;
    for (const TakeColumn& column : k_take_columns) {
        values.push_back(column.write(take));
    }
    values.back() = owner; // in the place of the time, which is the database's
    return database.run(upsert(database.dialect()), values).changed > 0;
}

} // namespace longtake
