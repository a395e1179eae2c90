#pragma once

#include "pipeline/flow/events.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

namespace longtake {

/// What happens in a run, a line of JSON each, in its folder's `events.jsonl` (`longtake/events/1`), for whoever looks
/// on while it goes on. Each run begins the file anew, as another file of that name, and holds a lock on it for as long
/// as its process lives: see running(). The file has at most 32 MB; of very long runs progress is left out first.
/// Secrets are taken out. What cannot be written stops nothing. Safe from several threads.
class EventLog {
public:
    /// `head`: what the first line says of the run beside its random name, its process and its time.
    explicit EventLog(nlohmann::json head);
    ~EventLog();
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    /// A random name, of this run alone.
    const std::string& run() const noexcept { return run_; }

    /// Begins the file in a folder that the run has to itself. What was told before is written now.
    void open(const std::filesystem::path& folder);

    /// Of progress at most two lines a second for each thing.
    void tell(const Event& event);

    /// A line of another kind; it has to have "event".
    void put(nlohmann::json line);

private:
    void write(nlohmann::json line, std::int64_t most);
    double elapsed() const;

    const std::string run_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::mutex mutex_;
    int descriptor_ = -1;
    bool opened_ = false;
    std::string unwritten_; ///< until there is a file
    std::int64_t bytes_ = 0;
    std::map<std::string, std::chrono::steady_clock::time_point> told_; ///< progress, by stage and what
};

/// The name of that file in a run's folder.
constexpr const char* k_events_file = "events.jsonl";

/// The process that writes a file of events now; 0: none of this machine does. The file is open as `descriptor`.
int running(int descriptor) noexcept;

} // namespace longtake
