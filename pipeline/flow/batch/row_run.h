#pragma once

#include "pipeline/flow/batch/batch.h"

namespace longtake {

/// The folder of a row's own state.
std::filesystem::path row_folder(const std::filesystem::path& output, const std::string& name);

/// Makes a row's film, in a process that is the row's own. Writes lines of JSON to `messages`: {"progress": share}, and
/// at the end the RowState it came to. The exit status.
int run_row(const BatchSource& source, const BatchRow& row, const BatchOptions& options, const Account& account,
            Inputs& inputs, int messages);

} // namespace longtake
