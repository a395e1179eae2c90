#pragma once

#include "pipeline/ledger/sql/database.h"

#include <string>

namespace longtake {

/// The format of the tables that this program writes.
constexpr int k_ledger_format = 5;

/// Statements that make the tables of a ledger where they are not there yet, the same in every engine.
const char* ledger_tables();

/// What is written under a name once, such as "id"; empty: nothing.
std::string fact_of(Database& database, const std::string& name);

/// Brings the schema `longtake` of a PostgreSQL database to today's format, or makes it; of several who come at once
/// one does it, the others wait. Nothing is changed, nor asked for rights, where it is there. Throws Error(usage) for
/// one that a newer version wrote, and where `make` is false for one that is not there.
void bring_up_to_date(Database& postgres, const std::string& name, bool make);

} // namespace longtake
