#pragma once

#include "pipeline/model/delivery/accepts.h"

#include <filesystem>

namespace longtake::av {

/// What platforms ask of a file, read from its headers and, of MP4 and MOV, from its boxes. Throws Error(input) "file:
/// reason".
FileFacts facts_of(const std::filesystem::path& file);

} // namespace longtake::av
