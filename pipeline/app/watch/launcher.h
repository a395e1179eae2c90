#pragma once

#include "pipeline/app/watch/own_runs.h"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// Begins a run as it was begun before, in a process and a session of its own, which goes on when this program ends.
class Launcher {
public:
    /// `program`: this one.
    explicit Launcher(std::filesystem::path program) : program_(std::move(program)) {}

    /// What it says goes into `log`. It asks for consent before it pays for anything, even if it was told --yes at
    /// first. Throws Error(storage) where the system gives no process.
    void begin(const OwnRun& run, bool retry, const std::filesystem::path& log);

    /// Whether the process begun last goes on.
    bool goes_on();

    /// The last lines of a process that ended badly; once.
    std::optional<std::string> complaint();

private:
    std::filesystem::path program_;
    std::filesystem::path log_;
    pid_t process_ = 0; ///< 0: none
    std::optional<std::string> complaint_;
};

/// The words that a run is begun again by: those of before, with what makes it wait for consent, and of a batch what
/// tries failed rows again.
std::vector<std::string> words_again(const OwnRun& run, bool retry);

} // namespace longtake::app
