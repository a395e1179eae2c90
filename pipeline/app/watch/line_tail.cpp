#include "pipeline/app/watch/line_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace longtake::app {
namespace {

constexpr std::size_t k_longest_line = 16 << 20;
constexpr std::size_t k_most_at_once = 4 << 20;
constexpr std::size_t k_read = 256 << 10;

} // namespace

LineTail::~LineTail()
{
    close();
}

void LineTail::close() noexcept
{
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

/// Turns to the file that has the name now, once the one before is read. Whether it is another.
bool LineTail::follow()
{
    struct stat named {};
    const bool there = ::lstat(file_.c_str(), &named) == 0 && S_ISREG(named.st_mode);
    if (descriptor_ >= 0) {
        struct stat open {};
        ::fstat(descriptor_, &open);
        const bool same = !there || (named.st_ino == open.st_ino && named.st_dev == open.st_dev);
        if (same && open.st_size >= at_) {
            return false;
        }
        if (!same && open.st_size > at_) {
            return false; // its last words first
        }
    }
    if (!there) {
        return false;
    }
    close();
    descriptor_ = ::open(file_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    at_ = 0;
    begun_.clear();
    skips_ = false;
    return descriptor_ >= 0;
}

LineTail::News LineTail::look()
{
    News news;
    news.anew = follow();
    std::string piece(k_read, '\0');
    for (std::size_t read = 0; descriptor_ >= 0 && read < k_most_at_once;) {
        const ssize_t got = ::pread(descriptor_, piece.data(), piece.size(), at_);
        if (got <= 0) {
            break;
        }
        at_ += got;
        read += static_cast<std::size_t>(got);
        begun_.append(piece.data(), static_cast<std::size_t>(got));
        std::size_t start = 0;
        for (std::size_t end = begun_.find('\n'); end != std::string::npos; end = begun_.find('\n', start)) {
            if (!std::exchange(skips_, false)) {
                news.lines.push_back(begun_.substr(start, end - start));
            }
            start = end + 1;
        }
        begun_.erase(0, start);
        if (begun_.size() > k_longest_line) {
            begun_.clear();
            skips_ = true;
        }
    }
    return news;
}

} // namespace longtake::app
