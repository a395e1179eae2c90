#pragma once

#include "pipeline/app/watch/feed.h"
#include "pipeline/app/watch/launcher.h"
#include "pipeline/app/watch/line_tail.h"
#include "pipeline/app/watch/live_pictures.h"
#include "pipeline/app/watch/own_runs.h"
#include "pipeline/app/watch/run_view.h"
#include "pipeline/app/watch/shelf.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>

namespace longtake::app {

/// The runs of one working directory or batch, one after the other, as the document that viewers see; and what they may
/// ask of the run that goes on. It reads what stands in the folder (`events.jsonl`, `run.json`, the ledger), so that it
/// and the run can each be begun and ended without the other.
class WatchedRun {
public:
    struct Settings {
        std::filesystem::path where; ///< a working directory, the folder of a batch's films, or a storyboard
        OwnRuns own;
        std::filesystem::path program; ///< this one
        std::filesystem::path scratch; ///< an empty folder of ours alone
        bool steers = true;            ///< viewers may do more than look
    };

    /// Throws Error(usage) if nothing of that name is there.
    explicit WatchedRun(Settings settings);

    Feed& feed() noexcept { return feed_; }
    const Shelf& shelf() const noexcept { return shelf_; }

    /// Looks four times a second until it is stopped.
    void watch(const std::stop_token& stop);

    /// Looks once.
    void look();

    /// Does what a viewer asks: "pause", "go_on", "cancel", "approve" of the run that is named, so that a late press
    /// means nothing to the next one; "resume" or "retry" where none goes on. Throws Error(usage) that says why it
    /// cannot be, Error(storage). Safe from several threads.
    void steer(const std::string& what, const std::string& run);

private:
    using Clock = std::chrono::steady_clock;

    void find_folder();
    void begin_anew();
    void hear(const LineTail::News& news, bool alive);
    void read_ledger();
    void show_pictures();
    void read_record();
    void show_record(const nlohmann::json& record, Feed::Change& change);
    void show_old_rows();
    void show_launcher();
    void begin_again(bool retry);
    bool is_over() const;

    const Settings settings_;
    std::filesystem::path folder_;
    Feed feed_;
    Shelf shelf_;
    std::unique_ptr<LineTail> tail_;
    std::unique_ptr<LivePictures> pictures_;
    int runs_seen_ = 0;
    bool record_shown_ = false;   ///< of the run that is over
    bool pictures_shown_ = false; ///< those of its report
    Clock::time_point ledger_read_{};
    std::string ledger_seen_; ///< its files' sizes and times
    std::string record_seen_; ///< the same of the record and its report's pictures
    /// What the pictures were shown for: how many takes are known, shots, and pictures that are drawn.
    std::tuple<int, std::size_t, std::size_t> pictures_of_{};
    int ledgers_read_ = 0;
    Clock::time_point own_read_{};

    /// What viewers' requests go by, on their threads.
    struct Now {
        std::filesystem::path folder{};
        std::string run{};
        bool goes_on = false;
        bool steered_here = true; ///< and not by its batch
        std::optional<OwnRun> own{};
    };
    std::mutex steering_;
    Now now_;
    Launcher launcher_;
};

} // namespace longtake::app
