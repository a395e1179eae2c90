#include "pipeline/http/growing_file.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace longtake::http {

GrowingFile::GrowingFile(std::filesystem::path path)
    : path_(std::move(path)),
      descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666))
{
    if (descriptor_ < 0) {
        fail("open");
    }
    struct stat seen {};
    if (::fstat(descriptor_, &seen) != 0 || !S_ISREG(seen.st_mode) || seen.st_nlink > 1) {
        ::close(descriptor_);
        throw Error(Errc::storage, "open '" + path_.string() +
                                       "': a download is kept there, and this is no plain file of its own; remove it");
    }
    size_ = seen.st_size;
}

GrowingFile::~GrowingFile()
{
    ::close(descriptor_);
}

void GrowingFile::append(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto written = ::pwrite(descriptor_, bytes.data(), bytes.size(), size_);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            fail("write");
        }
        size_ += written;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void GrowingFile::empty()
{
    if (size_ > 0 && ::ftruncate(descriptor_, 0) != 0) {
        fail("empty");
    }
    size_ = 0;
}

std::string GrowingFile::tail(std::int64_t bytes) const
{
    std::string text(static_cast<std::size_t>(std::min(bytes, size_)), '\0');
    const auto got = ::pread(descriptor_, text.data(), text.size(), size_ - static_cast<std::int64_t>(text.size()));
    if (got != static_cast<ssize_t>(text.size())) {
        fail("read");
    }
    return text;
}

void GrowingFile::fail(const char* doing) const
{
    throw storage_error(doing, path_, errno);
}

} // namespace longtake::http
