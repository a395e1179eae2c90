#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

namespace longtake {

/// A file, or a folder with all in it, that is gone with this if it came to be.
class PassingPath {
public:
    explicit PassingPath(std::filesystem::path path) : path_(std::move(path)) {}
    ~PassingPath()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    PassingPath(const PassingPath&) = delete;
    PassingPath& operator=(const PassingPath&) = delete;

    const std::filesystem::path& get() const noexcept { return path_; }

private:
    const std::filesystem::path path_;
};

} // namespace longtake
