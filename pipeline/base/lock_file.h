#pragma once

#include <filesystem>
#include <memory>

namespace longtake {

/// A lock that is a file: there while it is held, freed by the system however its process ends. What a killed process
/// leaves is an empty file that is nobody's.
class LockFile {
public:
    /// Null where somebody else has it, be it another thread of this process. Makes the folder. Throws Error(storage).
    static std::unique_ptr<LockFile> at_once(const std::filesystem::path& file);

    /// Gives it back, and takes the file away.
    ~LockFile();
    LockFile(const LockFile&) = delete;
    LockFile& operator=(const LockFile&) = delete;

private:
    LockFile(std::filesystem::path file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}

    std::filesystem::path file_;
    int descriptor_;
};

} // namespace longtake
