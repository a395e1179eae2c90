#pragma once

#include "pipeline/base/store.h"
#include "pipeline/ledger/file_hashes.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace longtake {

/// A storyboard for other machines: each file that it names (by an absolute path) is put in the store by its content,
/// and named by that: {"$files": [{"sha256", "name"}, ...]}. A JSON file, such as a brand, brings what it names beside
/// itself, and fonts that lie there. Throws as Store does, and Error(input) for a file that cannot be read.
nlohmann::json packed(const nlohmann::json& board, Store& store, FileHashes& hashes);

/// The storyboard with its files here: below `folder`, where they stay. Throws Error(storage) where the store has lost
/// one.
nlohmann::json unpacked(const nlohmann::json& board, Store& store, FileHashes& hashes,
                        const std::filesystem::path& folder);

} // namespace longtake
