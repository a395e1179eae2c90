#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace longtake {

/// What is asked of a run by somebody who watches it: `control.json` of its folder (`longtake/control/1`). It says what
/// is wanted, not what to do next, so that reading it twice does no harm; and it names its run, so that it means
/// nothing to the next one.
struct Control {
    std::string run{}; ///< EventLog::run()
    bool paused = false;
    bool approved = false; ///< what it waits for may be paid
    bool cancelled = false;
};

/// The name of that file in a run's folder.
constexpr const char* k_control_file = "control.json";

void to_json(nlohmann::json& json, const Control& control);

/// Throws Error(input) for another format.
void from_json(const nlohmann::json& json, Control& control);

/// Throws Error(storage).
void write_control(const std::filesystem::path& folder, const Control& control);

/// What stands there now; empty if nothing does that can be read.
std::optional<Control> read_control(const std::filesystem::path& folder);

/// Looks at the control of one run, and reads it where it has changed.
class ControlFile {
public:
    ControlFile(std::filesystem::path folder, std::string run);

    /// What is asked of the run now.
    const Control& look();

private:
    const std::filesystem::path folder_;
    Control control_;
    nlohmann::json seen_; ///< of the file: its number, size and time of change
};

} // namespace longtake
