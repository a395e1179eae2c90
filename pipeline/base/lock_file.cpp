#include "pipeline/base/lock_file.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace longtake {
namespace {

/// Whether the file of that name is still the one that is open: its last holder may have taken it away.
bool is_named(int descriptor, const std::filesystem::path& file)
{
    struct stat held {};
    struct stat named {};
    return ::fstat(descriptor, &held) == 0 && ::lstat(file.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
           held.st_dev == named.st_dev;
}

} // namespace

std::unique_ptr<LockFile> LockFile::at_once(const std::filesystem::path& file)
{
    make_folder(file.parent_path());
    while (true) {
        const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (descriptor < 0) {
            throw storage_error("open", file, errno);
        }
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            const int reason = errno;
            ::close(descriptor);
            if (reason == EWOULDBLOCK) {
                return nullptr;
            }
            throw storage_error("lock", file, reason);
        }
        if (is_named(descriptor, file)) {
            return std::unique_ptr<LockFile>(new LockFile(file, descriptor));
        }
        ::close(descriptor);
    }
}

LockFile::~LockFile()
{
    ::unlink(file_.c_str()); // while it is held: who opened it before finds another of that name, or none
    ::close(descriptor_);
}

} // namespace longtake
