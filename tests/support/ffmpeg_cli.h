#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace longtake::test {

/// Runs the installed ffmpeg with these arguments (shell syntax), overwriting outputs; throws if it fails.
inline void ffmpeg(const std::string& arguments)
{
    const std::string command = "ffmpeg -nostdin -v error -y -threads 1 " + arguments;
    if (std::system(command.c_str()) != 0) {
        throw std::runtime_error("failed: " + command);
    }
}

} // namespace longtake::test
