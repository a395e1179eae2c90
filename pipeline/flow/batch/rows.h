#pragma once

#include "pipeline/flow/batch/table.h"
#include "pipeline/model/campaign/board_template.h"
#include "pipeline/model/storyboard.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// What the films of a batch are made from, beside their rows.
struct BatchSource {
    BoardTemplate source;
    std::vector<std::string> canvases;     ///< of the films ("9:16")
    std::filesystem::path folder;          ///< that files in cells are relative to
    std::vector<Assignment> given{};       ///< for all rows; a row's own word wins
    std::optional<std::string> provider{}; ///< in place of the storyboard's
    std::string naming{}; ///< "${sku}-${number}", of columns; empty: the column "name", else the number
    Demo demo = Demo::no;
    /// Variations: of each row a film for every combination of one value of each.
    std::vector<std::pair<std::string, std::vector<std::string>>> matrix{};
};

/// One film to be made.
struct BatchRow {
    int number = 0;                            ///< of its row in the table
    std::string name;                          ///< of its files, unlike any other's
    std::vector<Assignment> given;             ///< its own values
    std::map<std::string, std::string> tags{}; ///< its values in the matrix
    std::vector<WrongValue> wrong{};           ///< by column; not empty: no film can be made
};

/// Films of a table's rows, and what in the table means nothing to them.
struct BatchRows {
    std::vector<BatchRow> rows;
    std::vector<std::string> notes;
};

BatchRows rows_of(const BatchSource& source, const std::vector<TableRow>& table);

/// The storyboard of a row as JSON, every path absolute. What is wrong with its values is added to `wrong`.
/// Throws Error(usage) for what is missing, and as expand().
nlohmann::json board_of_row(const BatchSource& source, const BatchRow& row, std::vector<WrongValue>& wrong);

} // namespace longtake
