#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// How a run was begun on this machine, by this user.
struct OwnRun {
    std::vector<std::string> arguments; ///< of the program, without its name
    std::filesystem::path directory;    ///< it was typed in
    std::filesystem::path output;       ///< the folder its films go to
};

/// What this user has run, by working directory, in a folder of his own. A working directory may come from somebody
/// else with any command in it: only what stands here is ever begun again from a page, and only films in folders that
/// stand here are shown from outside of it.
class OwnRuns {
public:
    /// `folder`: `runs/` beside the spending file; empty: nothing is remembered.
    explicit OwnRuns(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Beside the file that spending is counted in.
    static OwnRuns beside(const std::filesystem::path& spending)
    {
        return OwnRuns(spending.empty() ? std::filesystem::path() : spending.parent_path() / "runs");
    }

    /// What cannot be written stops nothing. Of very many those are forgotten whose working directories are gone.
    void remember(const std::filesystem::path& workdir, const OwnRun& run) const;

    std::optional<OwnRun> recall(const std::filesystem::path& workdir) const;

    /// Where what a run says is kept that a page has begun; empty: nowhere.
    std::filesystem::path log_of(const std::filesystem::path& workdir) const;

private:
    std::filesystem::path file_of(const std::filesystem::path& workdir, const char* extension) const;
    void forget_what_is_gone() const;

    std::filesystem::path folder_;
};

} // namespace longtake::app
