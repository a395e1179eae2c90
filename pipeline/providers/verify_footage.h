#pragma once

#include "pipeline/model/clip.h"
#include "pipeline/model/plan.h"

#include <filesystem>
#include <stop_token>

namespace longtake {

/// What a file holds, decoded to its end, of whatever length. Named by its content's hash.
/// Throws Error(input) for anything else, Error(interrupted) when stopped.
Footage measured(const std::filesystem::path& file, const std::stop_token& stop);

/// What a downloaded take holds, decoded to its end: footage counts only when it is whole and as long as was asked for.
/// Named by its content's hash. Throws Error(input) for anything else, Error(interrupted) when stopped.
Footage verify_footage(const std::filesystem::path& file, const PlannedTake& take, const std::stop_token& stop);

} // namespace longtake
