#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

namespace longtake::test {

/// Runs the installed ffmpeg with these arguments (shell syntax), overwriting outputs; throws if it fails.
inline void ffmpeg(const std::string& arguments)
{
    const std::string command = "ffmpeg -nostdin -v error -y -threads 1 " + arguments;
    if (std::system(command.c_str()) != 0) {
        throw std::runtime_error("failed: " + command);
    }
}

/// What a shell command writes to its standard output, byte for byte, and how it ended (0: well).
struct Ran {
    std::string printed;
    int status = 0;
};

inline Ran run(const std::string& command)
{
    Ran ran;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) {
        throw std::runtime_error("cannot run: " + command);
    }
    std::array<char, 4096> block{};
    while (const std::size_t got = std::fread(block.data(), 1, block.size(), pipe)) {
        ran.printed.append(block.data(), got);
    }
    ran.status = ::pclose(pipe);
    return ran;
}

/// The same of a command that must end well; throws otherwise.
inline std::string output_of(const std::string& command)
{
    Ran ran = run(command);
    if (ran.status != 0) {
        throw std::runtime_error("failed: " + command + "\n" + ran.printed);
    }
    return std::move(ran.printed);
}

} // namespace longtake::test
