#pragma once

#include "pipeline/base/random_name.h"
#include "pipeline/flow/workdir.h"

#include <filesystem>
#include <system_error>

namespace longtake::app {

/// A working directory for what nobody comes back to: gone with the command.
class TemporaryWorkdir {
public:
    TemporaryWorkdir() { workdir_.root = std::filesystem::temp_directory_path() / ("longtake-" + random_name()); }
    ~TemporaryWorkdir()
    {
        std::error_code ignored;
        std::filesystem::remove_all(workdir_.root, ignored);
    }
    TemporaryWorkdir(const TemporaryWorkdir&) = delete;
    TemporaryWorkdir& operator=(const TemporaryWorkdir&) = delete;

    const Workdir& get() const { return workdir_; }

private:
    Workdir workdir_;
};

} // namespace longtake::app
