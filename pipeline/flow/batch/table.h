#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace longtake {

/// One cell that is not empty.
struct Cell {
    std::string column;
    nlohmann::json value; ///< text as it stands; of JSON Lines what was written
};

/// A row of a table: what one film is given.
struct TableRow {
    int number = 0; ///< from 1, the header not counted
    std::vector<Cell> cells;
    std::string unreadable{}; ///< why it could not be read; empty: it could

    /// The text in a column; empty if there is none.
    std::string text(const std::string& column) const;
};

/// Reads CSV (RFC 4180: quotes, line breaks in them; UTF-8, with or without its mark; parted by commas, semicolons or
/// tabs, whichever the header has most of) or, of a name that ends in .jsonl or .ndjson, JSON Lines. Columns are called
/// as `aliases` say, else as their heads are, in lower case with "_" for what is no letter, digit or dot. Empty lines
/// are passed over. Throws Error(usage) for a file that cannot be read, is not UTF-8, has no rows, or two columns of a
/// name; a row that is broken by itself says so.
std::vector<TableRow> read_table(const std::filesystem::path& file, const std::map<std::string, std::string>& aliases);

} // namespace longtake
