#pragma once

#include "pipeline/ledger/take_record.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// A take as SQLite keeps it: see Ledger::take(), Ledger::takes() and Ledger::put().
std::optional<TakeRecord> read_take(SQLite::Database& db, const std::string& fingerprint);
std::vector<TakeRecord> read_takes(SQLite::Database& db);
void write_take(SQLite::Database& db, TakeRecord take);

} // namespace longtake
