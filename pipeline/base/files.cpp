#include "pipeline/base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <thread>
#include <utility>

namespace longtake {
namespace {

constexpr std::string_view k_mark = ".longtake-";
constexpr std::string_view k_part = ".part";
constexpr std::string_view k_letters = "abcdefghijklmnopqrstuvwxyz234567"; ///< 32, so that each is as likely
constexpr std::size_t k_random = 8;
constexpr std::size_t k_name_max = 255; ///< bytes of a name on every usual file system
constexpr int k_tries = 100;

std::string_view remedy_for(int reason)
{
    switch (reason) {
    case ENOSPC:
    case EDQUOT: return "; make room there and run the same command again";
    case EACCES:
    case EPERM:
    case EROFS: return "; choose a folder that you may write to";
    case EFBIG: return "; the file system or a limit (ulimit -f) takes no file of that size";
    case ENOENT:
    case ENOTDIR: return "; make its folder first";
    case ELOOP:
    case EISDIR: return "; remove what has that name, or choose another";
    default: return "";
    }
}

[[noreturn]] void fail(std::string_view doing, const std::filesystem::path& file)
{
    throw storage_error(doing, file, errno);
}

void sync_descriptor(int descriptor, const std::filesystem::path& path)
{
    if (::fsync(descriptor) != 0) {
        fail("sync", path);
    }
}

void sync_path(const std::filesystem::path& path, int flags)
{
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) {
        fail("open", path);
    }
    const int result = ::fsync(descriptor);
    const int reason = errno;
    ::close(descriptor);
    if (result != 0) {
        throw storage_error("sync", path, reason);
    }
}

std::filesystem::path folder_of(const std::filesystem::path& file)
{
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

/// At most `bytes` of a name, cut between letters of UTF-8.
std::string_view cut(std::string_view name, std::size_t bytes)
{
    if (name.size() <= bytes) {
        return name;
    }
    while (bytes > 0 && (static_cast<unsigned char>(name[bytes]) & 0xC0) == 0x80) {
        --bytes;
    }
    return name.substr(0, bytes);
}

/// What the names of all parts of a file begin with.
std::string part_prefix(std::string_view name)
{
    constexpr std::size_t k_room = k_name_max - 1 - k_mark.size() - k_random - k_part.size();
    return "." + std::string(cut(name, k_room)) + std::string(k_mark);
}

std::string random_letters()
{
    std::random_device random;
    std::string letters(k_random, ' ');
    std::generate(letters.begin(), letters.end(), [&] { return k_letters[random() % k_letters.size()]; });
    return letters;
}

/// Whether a name is one that a PartFile of `name` (empty: of any file) gives itself.
bool is_part_name(std::string_view part, std::string_view name)
{
    if (!part.ends_with(k_part)) {
        return false;
    }
    part.remove_suffix(k_part.size());
    if (part.size() < k_random || part.find_first_not_of(k_letters, part.size() - k_random) != std::string_view::npos) {
        return false;
    }
    part.remove_suffix(k_random);
    return name.empty() ? part.starts_with('.') && part.ends_with(k_mark) : part == part_prefix(name);
}

/// flock(2), asked again where a signal came in between.
bool lock_descriptor(int descriptor, int how)
{
    int result = 0;
    do {
        result = ::flock(descriptor, how);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

/// Locks a part: held by who writes it, taken by who sweeps. False if another has it.
bool lock_part(int descriptor)
{
    return lock_descriptor(descriptor, LOCK_EX | LOCK_NB);
}

/// Removes a part unless somebody writes it. What is no plain file of one name was not made here.
void sweep_part(const std::filesystem::path& part)
{
    const int descriptor = ::open(part.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        return;
    }
    struct stat seen {};
    if (::fstat(descriptor, &seen) == 0 && S_ISREG(seen.st_mode) && seen.st_nlink == 1 && lock_part(descriptor)) {
        ::unlink(part.c_str());
    }
    ::close(descriptor);
}

/// A new locked file. -1 if the name is taken or a sweeper was faster.
int create_part(const std::filesystem::path& part)
{
    const int descriptor = ::open(part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        if (errno == EEXIST) {
            return -1;
        }
        fail("create", part);
    }
    struct stat made {};
    const bool locks_here = lock_part(descriptor) || errno != EWOULDBLOCK; // some file systems have no locks
    if (!locks_here || ::fstat(descriptor, &made) != 0 || made.st_nlink == 0) {
        ::close(descriptor);
        return -1;
    }
    return descriptor;
}

[[noreturn]] void refuse(const std::filesystem::path& file)
{
    throw Error(Errc::usage, file.string() + ": is there already; -y overwrites it");
}

/// For file systems that cannot rename without replacing: a second name, then the first one goes.
void link_and_unlink(const std::filesystem::path& part, const std::filesystem::path& file)
{
    if (::link(part.c_str(), file.c_str()) == 0) {
        ::unlink(part.c_str());
        return;
    }
    if (errno == EEXIST) {
        refuse(file);
    }
    if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS) {
        fail("write", file);
    }
    struct stat there {}; // it has no second names either: looking first is all that can be done
    if (::lstat(file.c_str(), &there) == 0) {
        refuse(file);
    }
    if (::rename(part.c_str(), file.c_str()) != 0) {
        fail("write", file);
    }
}

void give_name(const std::filesystem::path& part, const std::filesystem::path& file, Existing existing)
{
    if (existing == Existing::replace) {
        if (::rename(part.c_str(), file.c_str()) != 0) {
            fail("write", file);
        }
        return;
    }
    if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0) {
        return;
    }
    if (errno == EEXIST) {
        refuse(file);
    }
    if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) {
        fail("write", file);
    }
    link_and_unlink(part, file);
}

/// Closes a file that was opened for reading.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor()
    {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;

    int get() const noexcept { return number_; }

private:
    int number_;
};

[[noreturn]] void cannot_read(const std::filesystem::path& file)
{
    throw Error(Errc::usage, file.string() + ": " + std::strerror(errno));
}

void need_readable_kind(const std::filesystem::path& file, mode_t mode, Pipes pipes)
{
    const char* kind = S_ISREG(mode)                               ? nullptr
                       : S_ISDIR(mode)                             ? "a folder"
                       : S_ISFIFO(mode) && pipes == Pipes::refused ? "a pipe (FIFO)"
                       : S_ISFIFO(mode)                            ? nullptr
                       : S_ISSOCK(mode)                            ? "a socket"
                                                                   : "a device";
    if (kind != nullptr) {
        throw Error(Errc::usage, file.string() + ": is " + kind + ", not a regular file; save it to one first");
    }
}

/// The kind of file is looked at before, because opening a device can do something, and after, because the name can
/// have got another file in between; not waiting in open() then.
Descriptor open_for_reading(const std::filesystem::path& file, Pipes pipes)
{
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) {
        cannot_read(file);
    }
    need_readable_kind(file, facts.st_mode, pipes);
    const int waiting = S_ISFIFO(facts.st_mode) ? 0 : O_NONBLOCK;
    Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | waiting));
    if (in.get() < 0 || ::fstat(in.get(), &facts) != 0) {
        cannot_read(file);
    }
    need_readable_kind(file, facts.st_mode, pipes);
    return in;
}

} // namespace

Error storage_error(std::string_view doing, const std::filesystem::path& file, int reason)
{
    return {Errc::storage, std::string(doing) + " '" + file.string() + "': " + std::strerror(reason) +
                               std::string(remedy_for(reason))};
}

void make_folder(const std::filesystem::path& folder)
{
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code) {
        throw storage_error("make the folder", folder, code.value());
    }
}

void commit_file(const std::filesystem::path& part, const std::filesystem::path& file, Existing existing)
{
    sync_path(part, O_RDONLY | O_NOFOLLOW);
    give_name(part, file, existing);
    sync_path(folder_of(file), O_RDONLY | O_DIRECTORY);
}

void write_atomic(const std::filesystem::path& file, std::string_view bytes, Existing existing)
{
    PartFile part(file);
    part.write(bytes);
    part.commit(existing);
}

std::string read_text(const std::filesystem::path& file, Pipes pipes)
{
    const Descriptor in = open_for_reading(file, pipes);
    std::string text;
    std::array<char, 1 << 16> block{};
    for (;;) {
        const ssize_t count = ::read(in.get(), block.data(), block.size());
        if (count == 0) {
            return text;
        }
        if (count > 0) {
            text.append(block.data(), static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            cannot_read(file);
        }
    }
}

PartFile::PartFile(std::filesystem::path final_name) : final_(std::move(final_name))
{
    const std::filesystem::path folder = final_.parent_path();
    const std::string prefix = part_prefix(final_.filename().string());
    for (int i = 0; i < k_tries && descriptor_ < 0; ++i) {
        part_ = folder / (prefix + random_letters() + std::string(k_part));
        descriptor_ = create_part(part_);
    }
    if (descriptor_ < 0) {
        throw storage_error("create a file beside", final_, EEXIST);
    }
}

PartFile::PartFile(PartFile&& other) noexcept
    : final_(std::move(other.final_)), part_(std::exchange(other.part_, std::filesystem::path())),
      descriptor_(std::exchange(other.descriptor_, -1))
{
}

PartFile::~PartFile()
{
    if (!part_.empty()) {
        ::unlink(part_.c_str());
    }
    close();
}

void PartFile::close() noexcept
{
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

void PartFile::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            fail("write", final_);
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void PartFile::commit(Existing existing)
{
    commit_as(final_, existing);
}

/// Nothing but what was written here gets the name: neither a link nor another's file put in its place.
void PartFile::check_unswapped() const
{
    struct stat ours {};
    struct stat named {};
    if (::fstat(descriptor_, &ours) != 0 || ::lstat(part_.c_str(), &named) != 0) {
        fail("write", final_);
    }
    if (ours.st_dev != named.st_dev || ours.st_ino != named.st_ino) {
        throw Error(Errc::storage, "write '" + final_.string() + "': somebody put another file in the place of '" +
                                       part_.string() + "' meanwhile; run the same command again");
    }
}

void PartFile::commit_as(const std::filesystem::path& name, Existing existing)
{
    sync_descriptor(descriptor_, final_);
    check_unswapped();
    give_name(part_, name, existing);
    part_.clear();
    close();
    sync_path(folder_of(name), O_RDONLY | O_DIRECTORY);
}

void sweep_parts(const std::filesystem::path& folder, std::string_view name)
{
    std::error_code code;
    for (std::filesystem::directory_iterator at(folder.empty() ? "." : folder, code), end; !code && at != end;
         at.increment(code)) {
        if (is_part_name(at->path().filename().string(), name)) {
            sweep_part(at->path());
        }
    }
}

FileLock::FileLock(const std::filesystem::path& file, Kind kind)
    : descriptor_(::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666))
{
    if (descriptor_ < 0) {
        fail("open", file);
    }
    if (!lock_descriptor(descriptor_, kind == Kind::shared ? LOCK_SH : LOCK_EX)) {
        const int reason = errno;
        ::close(descriptor_);
        throw storage_error("lock", file, reason);
    }
}

std::unique_ptr<FileLock> FileLock::in_turn(const std::filesystem::path& file, std::stop_token stop)
{
    make_folder(file.parent_path());
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (descriptor < 0) {
        fail("open", file);
    }
    std::unique_ptr<FileLock> lock(new FileLock(descriptor));
    std::chrono::milliseconds pause{1}; // a wait of the system's own could not be stopped
    while (!lock_descriptor(descriptor, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK) {
            throw storage_error("lock", file, errno);
        }
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, "interrupted while waiting for '" + file.string() + "'");
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(100));
    }
    return lock;
}

FileLock::~FileLock()
{
    ::close(descriptor_);
}

std::unique_ptr<DirectoryLock> DirectoryLock::try_lock(const std::filesystem::path& directory)
{
    const std::filesystem::path file = directory / "lock";
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        if (errno == ENOENT) { // the folder went
            return nullptr;
        }
        throw storage_error("open", file, errno);
    }
    std::unique_ptr<DirectoryLock> lock(new DirectoryLock(file, descriptor));
    if (!lock_descriptor(descriptor, LOCK_EX | LOCK_NB)) {
        throw Error(Errc::pending, "another longtake is working in '" + directory.string() +
                                       "'; wait for it, or give this run its own --workdir");
    }
    struct stat held {};
    struct stat named {};
    const bool same = ::fstat(descriptor, &held) == 0 && ::lstat(file.c_str(), &named) == 0 &&
                      held.st_ino == named.st_ino && held.st_dev == named.st_dev;
    return same ? std::move(lock) : nullptr;
}

void DirectoryLock::remove() noexcept
{
    ::unlink(file_.c_str());
}

DirectoryLock::~DirectoryLock()
{
    ::close(descriptor_);
}

} // namespace longtake
