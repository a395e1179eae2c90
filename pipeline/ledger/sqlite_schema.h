#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

namespace longtake {

/// The format of a file's tables; 0: it has none yet.
int ledger_format(SQLite::Database& db);

/// Brings the tables to today's format, or creates them. Of several who come at once one does it, the others wait.
void migrate_ledger(SQLite::Database& db);

} // namespace longtake
