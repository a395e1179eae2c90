#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <stop_token>
#include <string>

namespace longtake::app {

/// What the program sees of the world beside its arguments; tests give their own.
struct Environment {
    std::function<std::optional<std::string>(const std::string&)> variable; ///< of the process environment
    bool err_is_terminal = false;
    std::function<int()> err_columns = [] { return 80; };
    std::function<bool(const std::string& question)> ask; ///< yes or no, at the terminal; empty if there is none
    std::function<std::optional<std::string>(const std::string& question)> answer; ///< a line typed there; empty: none
    std::filesystem::path program; ///< the running executable; empty if unknown
    std::stop_token stop;          ///< requested by Ctrl-C
    /// In a process that was forked off: from then on signals request this one's stop. Empty: they do as they do.
    std::function<std::stop_token()> watch_signals;
};

/// The whole program: parses the arguments, runs a command, prints results to `out`, progress and complaints to `err`,
/// and returns the exit status.
int run(int argc, const char* const* argv, std::ostream& out, std::ostream& err, const Environment& environment);

} // namespace longtake::app
