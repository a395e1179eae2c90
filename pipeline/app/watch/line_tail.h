#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace longtake::app {

/// Follows a file that another process writes line by line, from its beginning, through its being begun anew: by
/// another file of its name, or by being cut short.
class LineTail {
public:
    explicit LineTail(std::filesystem::path file) : file_(std::move(file)) {}
    ~LineTail();
    LineTail(const LineTail&) = delete;
    LineTail& operator=(const LineTail&) = delete;

    /// What has come since the last look.
    struct News {
        bool anew = false;              ///< these lines are the first of another file
        std::vector<std::string> lines; ///< whole ones, without their ends; one that is over 16 MB is left out
    };

    /// At most about 4 MB a time: until nothing comes. A file that was replaced is read to its end before the new one
    /// is begun. Links and what is no file are not followed.
    News look();

    /// The open file; -1: there is none.
    int descriptor() const noexcept { return descriptor_; }

private:
    bool follow();
    void close() noexcept;

    const std::filesystem::path file_;
    int descriptor_ = -1;
    std::int64_t at_ = 0;
    std::string begun_;  ///< of a line that has not ended
    bool skips_ = false; ///< the rest of a line that is too long
};

} // namespace longtake::app
