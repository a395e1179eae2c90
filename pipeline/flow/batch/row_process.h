#pragma once

#include "pipeline/base/child.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace longtake {

/// A process that makes one row, and what was heard of it: lines of JSON as RowMessages writes them.
class RowProcess {
public:
    /// `work`: see Child. `log`: the file for what is not for us, such as the last words of a crash.
    RowProcess(const std::function<int(int messages)>& work, const std::filesystem::path& log);

    /// The descriptor to wait for.
    int messages() const noexcept { return child_.messages(); }

    /// Reads what has come. False at the process's end.
    bool listen();

    /// Waits for the end. Why it is a bad one: "by signal 11 (Segmentation fault)", "with status 3"; empty: it is none.
    std::string end();

    /// Whether end() found that a signal had ended it.
    bool killed() const noexcept { return status_ > k_signals; }

    void signal(int number) const noexcept { child_.signal(number); }

    /// The row it has claimed: {"batch", "name"}; none yet, or none at all.
    const std::optional<nlohmann::json>& claimed() const noexcept { return claimed_; }

    /// The RowState that it ended with; none: it did not come so far.
    const std::optional<nlohmann::json>& outcome() const noexcept { return outcome_; }

    /// What share of its film is done, 0 to 1, as far as it has said.
    double share() const noexcept { return share_; }

    double seconds() const;        ///< since it began
    double silent_seconds() const; ///< since it last said anything

private:
    static constexpr int k_signals = 128; ///< see Child::wait()
    void hear(const std::string& line);

    Child child_;
    const std::chrono::steady_clock::time_point began_;
    std::chrono::steady_clock::time_point heard_at_;
    std::string heard_; ///< of a line that has not ended
    std::optional<nlohmann::json> claimed_;
    std::optional<nlohmann::json> outcome_;
    double share_ = 0;
    int status_ = 0;
};

} // namespace longtake
