#pragma once

#include "pipeline/flow/batch/batch.h"

namespace longtake {

/// Writes results.jsonl, results.csv, errors.csv, contact-sheet.png and index.html into the folder of a batch's films.
void write_results(const BatchResult& result, const BatchOptions& options);

/// A page that shows every film by a small poster, with its length, state and cost, to be gone through and ticked off:
/// the page of reports with the batch in it. Draws the small posters into `posters/` of the batch's own folder, unless
/// they are there and no older than what they are drawn from.
std::string batch_page(const BatchResult& result, const BatchOptions& options);

/// A cell of CSV (RFC 4180), in quotes where it has to be.
std::string csv_cell(const std::string& text);

} // namespace longtake
