#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace longtake {

/// Standard base64 with padding, on one line.
std::string base64_of(std::string_view bytes);

/// Throws Error(input) naming the file if it cannot be read.
std::string base64_of_file(const std::filesystem::path& file);

} // namespace longtake
