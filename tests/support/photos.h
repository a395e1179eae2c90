#pragma once

#include <filesystem>
#include <string>

namespace longtake::test {

/// A photograph of tests/data/photos.
inline std::filesystem::path photo(const std::string& name)
{
    return std::filesystem::path(LONGTAKE_SOURCE_DIR) / "tests/data/photos" / name;
}

} // namespace longtake::test
