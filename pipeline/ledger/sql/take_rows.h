#pragma once

#include "pipeline/ledger/sql/database.h"
#include "pipeline/ledger/take_record.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace longtake {

/// Takes as a database keeps them: see Ledger::take(), Ledger::takes() and Ledger::put().
std::optional<TakeRecord> read_take(Database& database, const std::string& fingerprint);
std::vector<TakeRecord> read_takes(Database& database);
std::vector<TakeRecord> read_takes(Database& database, const std::set<std::string>& fingerprints);

/// `owner`: the session that writes; empty: one that holds nothing. False where another session holds the take.
bool write_take(Database& database, const TakeRecord& take, const std::string& owner);

} // namespace longtake
