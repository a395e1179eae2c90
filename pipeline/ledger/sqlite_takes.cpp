#include "pipeline/ledger/sqlite_takes.h"

#include "pipeline/ledger/sqlite_value.h"

#include <array>
#include <cstdint>
#include <ctime>
#include <string_view>

namespace longtake {
namespace {

void bind_value(SQLite::Statement& statement, int place, const std::string& value)
{
    statement.bind(place, value);
}

void bind_value(SQLite::Statement& statement, int place, int value)
{
    statement.bind(place, value);
}

void bind_value(SQLite::Statement& statement, int place, bool value)
{
    statement.bind(place, value ? 1 : 0);
}

void bind_value(SQLite::Statement& statement, int place, std::int64_t value)
{
    statement.bind(place, value);
}

void bind_value(SQLite::Statement& statement, int place, double value)
{
    statement.bind(place, value);
}

void bind_value(SQLite::Statement& statement, int place, const std::optional<double>& value)
{
    bind_optional(statement, place, value);
}

void bind_value(SQLite::Statement& statement, int place, TakeState value)
{
    statement.bind(place, word(value));
}

void bind_value(SQLite::Statement& statement, int place, const nlohmann::json& value)
{
    statement.bind(place, value.dump());
}

void read_value(const SQLite::Column& column, std::string& value)
{
    value = column.getString();
}

void read_value(const SQLite::Column& column, int& value)
{
    value = column.getInt();
}

void read_value(const SQLite::Column& column, bool& value)
{
    value = column.getInt() != 0;
}

void read_value(const SQLite::Column& column, std::int64_t& value)
{
    value = column.getInt64();
}

void read_value(const SQLite::Column& column, double& value)
{
    value = column.getDouble();
}

void read_value(const SQLite::Column& column, std::optional<double>& value)
{
    value = column.isNull() ? std::nullopt : std::optional(column.getDouble());
}

void read_value(const SQLite::Column& column, TakeState& value)
{
    value = take_state(column.getString());
}

void read_value(const SQLite::Column& column, nlohmann::json& value)
{
    value = nlohmann::json::parse(column.getString());
}

/// A column of the takes, and the field of a record that it holds.
struct TakeColumn {
    const char* name;
    void (*bind)(SQLite::Statement& statement, int place, const TakeRecord& take);
    void (*read)(const SQLite::Column& column, TakeRecord& take);
};

template <auto Field>
constexpr TakeColumn take_column(const char* name)
{
    return {name,
            [](SQLite::Statement& statement, int place, const TakeRecord& take) {
                bind_value(statement, place, take.*Field);
            },
            [](const SQLite::Column& column, TakeRecord& take) { read_value(column, take.*Field); }};
}

/// What is read and written of a take: nowhere else are its columns listed but where the table is made.
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
    take_column<&TakeRecord::updated>("updated"),
    take_column<&TakeRecord::own_id>("own_id"),
    take_column<&TakeRecord::submitted>("submitted"),
    take_column<&TakeRecord::expires>("expires"),
    take_column<&TakeRecord::account>("account"),
    take_column<&TakeRecord::rehearsal>("rehearsal"),
    take_column<&TakeRecord::seconds>("seconds"),
};

/// "fingerprint, shot, ...", and as many "?, ?, ...".
struct TakeLists {
    std::string names;
    std::string places;
};

TakeLists take_lists()
{
    TakeLists lists;
    for (const TakeColumn& column : k_take_columns) {
        const char* comma = lists.names.empty() ? "" : ", ";
        lists.names += std::string(comma) + column.name;
        lists.places += std::string(comma) + "?";
    }
    return lists;
}

std::string select_takes(std::string_view which)
{
    return "SELECT " + take_lists().names + " FROM takes " + std::string(which);
}

TakeRecord take_of(SQLite::Statement& row)
{
    TakeRecord take;
    for (const TakeColumn& column : k_take_columns) {
        column.read(row.getColumn(column.name), take);
    }
    return take;
}

} // namespace

std::optional<TakeRecord> read_take(SQLite::Database& db, const std::string& fingerprint)
{
    SQLite::Statement row(db, select_takes("WHERE fingerprint = ?"));
    row.bind(1, fingerprint);
    return row.executeStep() ? std::optional(take_of(row)) : std::nullopt;
}

std::vector<TakeRecord> read_takes(SQLite::Database& db)
{
    std::vector<TakeRecord> takes;
    SQLite::Statement rows(db, select_takes("ORDER BY updated, shot, idx"));
    while (rows.executeStep()) {
        takes.push_back(take_of(rows));
    }
    return takes;
}

void write_take(SQLite::Database& db, TakeRecord take)
{
    take.updated = std::time(nullptr);
    const TakeLists lists = take_lists();
    SQLite::Statement insert(db, "INSERT OR REPLACE INTO takes (" + lists.names + ") VALUES (" + lists.places + ")");
    for (int place = 1; const TakeColumn& column : k_take_columns) {
        column.bind(insert, place++, take);
    }
    insert.exec();
}

} // namespace longtake
