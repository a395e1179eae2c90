#pragma once

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/events.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace spdlog {
class logger;
}

namespace longtake::app {

/// What a user asked of the console.
struct ConsoleSettings {
    bool json = false;                                ///< stdout carries one JSON object a line
    bool quiet = false;                               ///< nothing on stderr but errors
    bool verbose = false;                             ///< also what was found again
    bool live = false;                                ///< stderr is a terminal: one line redrawn in place
    std::function<int()> columns = [] { return 80; }; ///< of the terminal, as wide as it is now
    std::filesystem::path log_file;
};

/// The program's two streams. Results go to `out`, progress and complaints to `err`; safe from several threads.
/// Whatever storyboards, services and files say passes through here: secrets are taken out, and control characters are
/// made visible, on both streams and in the log. A stream that cannot be written stops nothing; see finish().
class Console {
public:
    Console(std::ostream& out, std::ostream& err);
    ~Console();

    void configure(const ConsoleSettings& settings);
    const ConsoleSettings& settings() const noexcept { return settings_; }

    /// A line of the result for people; left out with --json.
    void print(const std::string& line);

    /// The same of several lines.
    void print_lines(const std::string& text);

    /// The result of the command: printed last with --json, left out otherwise. Gains "event" and "ok".
    void result(nlohmann::json result, bool ok = true);

    /// One JSON object a line, only with --json.
    void json_line(const nlohmann::json& line);

    /// A line on stderr unless --quiet.
    void note(const std::string& line);
    void warn(const std::string& line);

    /// A line on stderr, --quiet or not.
    void complain(const std::string& line);

    /// Says a failure on stderr and, with --json, as the result.
    void fail(const Error& error);

    /// Shows what happens in a run.
    void show(const Event& event);

    /// Wipes the live line before other text and at the end.
    void settle();

    /// Ends a command: its exit status, or that of Errc::storage, said on stderr, if results could not be written to
    /// stdout and the command has no failure of its own.
    int finish(int status);

private:
    struct Item {
        std::int64_t done = 0;
        std::int64_t total = 0;
        std::int64_t done_at_start = 0;
        std::string words; ///< of progress that is not counted in frames
        std::chrono::steady_clock::time_point started;
        std::chrono::steady_clock::time_point told; ///< last JSON or plain line
        double fps() const;
        double eta() const;
        std::string counted() const;
    };

    void put(const std::string& text);
    void flush_out();
    void say(const std::string& text, Lines lines = Lines::one);
    void wipe();
    std::string live_line() const;
    void draw();
    void show_progress(const Event& event, Item& item);
    void show_other(const Event& event);
    void log(const std::string& line);

    std::ostream& out_;
    std::ostream& err_;
    ConsoleSettings settings_;
    std::mutex mutex_;
    std::map<std::string, Item> items_; ///< at work now, by "stage what"
    std::chrono::steady_clock::time_point drawn_;
    bool line_shown_ = false;
    std::string unwritten_;  ///< why results could not be written
    bool log_fails_ = false; ///< and it was said
    std::shared_ptr<spdlog::logger> log_;
};

} // namespace longtake::app
