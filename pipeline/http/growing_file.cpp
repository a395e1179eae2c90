#include "pipeline/http/growing_file.h"

#include "pipeline/base/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace longtake::http {

GrowingFile::GrowingFile(std::filesystem::path path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666))
{
    if (descriptor_ < 0) {
        fail("open");
    }
    size_ = ::lseek(descriptor_, 0, SEEK_END);
    if (size_ < 0) { // such as a pipe
        const int reason = errno;
        ::close(descriptor_);
        errno = reason;
        fail("open");
    }
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
    throw Error(Errc::internal, std::string(doing) + " '" + path_.string() + "': " + std::strerror(errno));
}

} // namespace longtake::http
