#pragma once

#include "pipeline/flow/batch/batch.h"

namespace longtake {

/// Writes results.jsonl, results.csv, errors.csv and index.html into the folder of a batch's films.
void write_results(const BatchResult& result, const BatchOptions& options);

/// A page that shows every film by its poster, with its title, length, state and cost, to be gone through and ticked
/// off.
std::string batch_page(const BatchResult& result, const std::filesystem::path& folder);

/// A cell of CSV (RFC 4180), in quotes where it has to be.
std::string csv_cell(const std::string& text);

} // namespace longtake
