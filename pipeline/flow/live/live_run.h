#pragma once

#include "pipeline/flow/live/control_file.h"
#include "pipeline/flow/live/event_log.h"
#include "pipeline/flow/options.h"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace longtake {

/// A run as others see it and steer it while it goes on: what happens stands in its folder's EventLog, and its control
/// file may pause, go on, cancel and approve.
class LiveRun {
public:
    /// Whether the control file is looked at by a thread, or by who calls look().
    enum class Looks { by_themselves, when_asked };

    /// `head`: see EventLog. `steering`: another run steers this one, as a batch its rows; empty: its own folder does.
    LiveRun(nlohmann::json head, const Observer& observer, const std::optional<Steering>& steering, Looks looks);
    ~LiveRun();
    LiveRun(const LiveRun&) = delete;
    LiveRun& operator=(const LiveRun&) = delete;

    /// Who watches, and the log beside them; stopped by them or by the control file.
    const Observer& observer() const noexcept { return observer_; }

    EventLog& log() noexcept { return log_; }

    /// From now on, in a folder that the run has to itself.
    void open(const std::filesystem::path& folder);

    /// Looks at the control file.
    void look();

    bool paused() const noexcept { return paused_; }

    /// Waits until what `question` says may be paid for: until the control file or `ask` (on a thread of its own;
    /// empty: nobody can be asked) says so. False if `ask` said no. Throws Error(interrupted) when stopped.
    bool approved(nlohmann::json question, const std::function<bool()>& ask);

    /// The last line.
    void end(const std::string& outcome, const std::string& message);

private:
    void go_by(const Control& control);
    void wait_while_paused();

    EventLog log_;
    const Observer outer_;
    std::stop_source stop_;
    Observer observer_;
    std::optional<Steering> steering_;
    const Looks looks_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<ControlFile> control_;
    std::atomic<bool> paused_ = false;
    bool approved_ = false;
    std::stop_callback<std::function<void()>> outer_stop_;
    std::jthread looking_; ///< last: it looks when everything else stands
};

} // namespace longtake
