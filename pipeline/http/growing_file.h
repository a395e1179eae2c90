#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace longtake::http {

/// A file being downloaded: opened as it is, or empty. What has its name but is no plain file of one name (a link, a
/// folder, a pipe) is refused untouched. Throws Error(storage) naming the file.
class GrowingFile {
public:
    explicit GrowingFile(std::filesystem::path path);
    ~GrowingFile();
    GrowingFile(const GrowingFile&) = delete;
    GrowingFile& operator=(const GrowingFile&) = delete;

    std::int64_t size() const noexcept { return size_; }
    void append(std::string_view bytes);
    void empty();

    /// Its last bytes, all of them if it has fewer.
    std::string tail(std::int64_t bytes) const;

private:
    [[noreturn]] void fail(const char* doing) const;

    std::filesystem::path path_;
    int descriptor_ = -1;
    std::int64_t size_ = 0;
};

} // namespace longtake::http
