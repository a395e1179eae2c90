#pragma once

#include "pipeline/base/error.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace longtake::fuzz {

/// A file without a name in any folder.
class MemoryFile {
public:
    MemoryFile(const std::uint8_t* data, std::size_t length) : descriptor_(::memfd_create("fuzzed", MFD_CLOEXEC))
    {
        if (descriptor_ < 0 || ::write(descriptor_, data, length) != static_cast<ssize_t>(length)) {
            std::abort();
        }
    }
    ~MemoryFile() { ::close(descriptor_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    int descriptor_;
};

/// What it may throw is Error(input), and nothing else.
template <class Work>
void answered(Work&& work)
{
    try {
        work();
    } catch (const Error& error) {
        if (error.code() != Errc::input) {
            throw;
        }
    }
}

} // namespace longtake::fuzz
