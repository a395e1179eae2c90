#pragma once

#include "pipeline/flow/workdir.h"

#include <fmt/format.h>

#include <filesystem>
#include <random>
#include <system_error>

namespace longtake::app {

/// A working directory for what nobody comes back to: gone with the command.
class TemporaryWorkdir {
public:
    TemporaryWorkdir()
    {
        std::random_device random;
        workdir_.root =
            std::filesystem::temp_directory_path() / fmt::format("longtake-{:08x}{:08x}", random(), random());
    }
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
