#pragma once

#include "pipeline/flow/batch/rows.h"

#include <filesystem>
#include <stop_token>

namespace longtake {

/// Puts files in place of the addresses that rows give for pictures, clips and sounds: fetched into `folder`, each
/// once, by its address. An address that cannot be fetched, or may not be (`allowed`), is wrong with its row alone.
void fetch_remote_files(const BatchSource& source, std::vector<BatchRow>& rows, bool allowed,
                        const std::filesystem::path& folder, std::stop_token stop);

} // namespace longtake
