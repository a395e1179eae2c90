#pragma once

#include <sys/resource.h>

#include <csignal>

namespace longtake::test {

/// While it lives, this process can write no file beyond so many bytes: a disk that fills, without one.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : told_(std::signal(SIGXFSZ, SIG_IGN))
    {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit less{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &less);
    }
    ~FileSizeLimit()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, told_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*told_)(int);
};

} // namespace longtake::test
