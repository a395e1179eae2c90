#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace longtake {

/// Replaces `file` with `bytes` in one step: written beside it, synced, renamed. Throws Error(internal).
void write_atomic(const std::filesystem::path& file, std::string_view bytes);

/// The whole file as text. Throws Error(usage) naming it if it cannot be read.
std::string read_text(const std::filesystem::path& file);

/// Flushes a written file and the directory entry it has after renaming `part` to `file`.
void commit_file(const std::filesystem::path& part, const std::filesystem::path& file);

/// A file still being written: "name.mp4.part" until commit(); removed if that never comes.
class PartFile {
public:
    explicit PartFile(std::filesystem::path final_name);
    ~PartFile();
    PartFile(PartFile&& other) noexcept;
    PartFile& operator=(PartFile&&) = delete;

    const std::filesystem::path& part() const noexcept { return part_; }
    const std::filesystem::path& final_name() const noexcept { return final_; }

    /// Synced and renamed to its final name.
    void commit();

    /// Synced and renamed to another name on the same file system.
    void commit_as(const std::filesystem::path& name);

private:
    std::filesystem::path final_;
    std::filesystem::path part_;
};

/// A lock one process holds on a working directory, released when it ends for whatever reason.
class DirectoryLock {
public:
    /// Throws Error(pending) if another process holds it.
    explicit DirectoryLock(const std::filesystem::path& directory);
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

private:
    int descriptor_ = -1;
};

} // namespace longtake
