#pragma once

#include "pipeline/base/error.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace longtake {

/// What to do about a file that has the final name already.
enum class Existing {
    replace,
    keep, ///< refused: Error(usage) that names it
};

/// Error(storage) "doing 'file': the system's words for `reason` (an errno); what helps".
Error storage_error(std::string_view doing, const std::filesystem::path& file, int reason);

/// Makes a folder and those above it, if they are not there. Throws Error(storage).
void make_folder(const std::filesystem::path& folder);

/// Replaces `file` with `bytes` in one step: written beside it, synced, renamed. Throws Error(storage).
void write_atomic(const std::filesystem::path& file, std::string_view bytes, Existing existing = Existing::replace);

/// Whether a file that is read may be a pipe, as a shell's `<(command)` is.
enum class Pipes { refused, allowed };

/// The whole file as text. Throws Error(usage) naming it if it cannot be read, or is a device, a socket, a directory or
/// a pipe that is refused: reading those could wait for ever.
std::string read_text(const std::filesystem::path& file, Pipes pipes = Pipes::refused);

/// Syncs a written file, gives it its final name and syncs the folder's entry of it. Throws Error(storage).
void commit_file(const std::filesystem::path& part, const std::filesystem::path& file,
                 Existing existing = Existing::replace);

/// A file still being written: a new one beside its final name, called ".NAME.longtake-XXXXXXXX.part", until commit();
/// removed if that never comes. Whatever has another name is left alone, and no two runs write into one part. It is
/// locked while it is written, so that sweep_parts() knows what a killed run has left.
class PartFile {
public:
    /// Creates the file. Throws Error(storage).
    explicit PartFile(std::filesystem::path final_name);
    ~PartFile();
    PartFile(PartFile&& other) noexcept;
    PartFile& operator=(PartFile&&) = delete;

    const std::filesystem::path& part() const noexcept { return part_; }
    const std::filesystem::path& final_name() const noexcept { return final_; }

    /// The open file, for who writes or reads it without its name.
    int descriptor() const noexcept { return descriptor_; }

    /// Writes at the end of what was written so far. Throws Error(storage).
    void write(std::string_view bytes);

    /// Syncs it and gives it its final name.
    void commit(Existing existing = Existing::replace);

    /// Syncs it and gives it another name on the same file system.
    void commit_as(const std::filesystem::path& name, Existing existing = Existing::replace);

private:
    void check_unswapped() const;
    void close() noexcept;

    std::filesystem::path final_;
    std::filesystem::path part_;
    int descriptor_ = -1;
};

/// Removes the parts that killed runs have left of `name` (empty: of every file) in `folder`; parts being written and
/// whatever else is there stay.
void sweep_parts(const std::filesystem::path& folder, std::string_view name = {});

/// A lock on a file that stays where it is: any number share it, or one has it alone. Released by the system however
/// its process ends. Each holds a lock of its own, threads of one process too: who has one must not ask for another.
class FileLock {
public:
    enum class Kind { shared, exclusive };

    /// Waits until it can be had. Makes the file, not its folder. Throws Error(storage).
    FileLock(const std::filesystem::path& file, Kind kind);

    /// Has it alone, once it can be had or the wait is stopped: Error(interrupted). Makes the folder, too.
    static std::unique_ptr<FileLock> in_turn(const std::filesystem::path& file, std::stop_token stop = {});
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_ = -1;
};

/// A lock one process holds on a working directory, released when it ends for whatever reason.
class DirectoryLock {
public:
    /// Null if the lock's file was taken away in the meantime: then the folder may be gone as well. Throws
    /// Error(pending) if another process holds it, Error(storage) if there can be no lock.
    static std::unique_ptr<DirectoryLock> try_lock(const std::filesystem::path& directory);
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

    /// Takes the lock's file away, for who removes the whole folder; who waits for it will not get this one.
    void remove() noexcept;

private:
    DirectoryLock(std::filesystem::path file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}

    std::filesystem::path file_;
    int descriptor_ = -1;
};

} // namespace longtake
