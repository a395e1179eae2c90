#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/render/rendition.h"
#include "stages/deliver/segment_schedule.h"
#include "stages/deliver/segment_share.h"
#include "stages/deliver/segment_store.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace longtake::stages {

/// A segment that an output needs.
struct SegmentJob {
    std::int64_t at = 0; ///< first frame of the output
    std::int64_t frames = 0;
    av::MediaSpec media;
    std::string key;      ///< see segment_key()
    bool in_turn = false; ///< what is shown first is made first, for who waits for it
};

/// What one output has ordered. Made and read under the maker's lock.
class SegmentOrder {
public:
    /// Frames that were in the store already.
    std::int64_t reused() const noexcept { return reused_; }

private:
    friend class SegmentMaker;
    std::function<void(std::int64_t)> progress_;
    std::map<std::string, StoredSegment> made_; ///< by key
    std::size_t missing_ = 0;                   ///< segments
    std::int64_t reused_ = 0;
    std::int64_t done_ = 0; ///< frames
    std::exception_ptr failure_;
};

struct MakerSettings {
    int jobs = 0;            ///< threads; 0: one per core
    std::int64_t memory = 0; ///< bytes that encoders may take; 0: half of what is free
    std::stop_token stop{};
    std::shared_ptr<SegmentShare> share{}; ///< others who make segments of this film; null: there are none
    std::function<void()> pause{};         ///< see DeliverSettings
};

/// Makes the segments that are not in the store yet, for all outputs of a film at once: what several outputs show of
/// the same time is composed once and goes to all their encoders, each frame to whoever is behind, by whichever thread
/// is free; the costliest come first, so that cores are busy to the end. Every segment is decoded and counted before it
/// is kept. What is made does not depend on the number of threads. What others make of the film is fetched from them,
/// and made here after all where they do not come to an end with it.
class SegmentMaker {
public:
    /// Both must outlive it.
    SegmentMaker(const Timeline& timeline, SegmentStore& store, MakerSettings settings);
    /// Ends what is being made.
    ~SegmentMaker();
    SegmentMaker(const SegmentMaker&) = delete;
    SegmentMaker& operator=(const SegmentMaker&) = delete;

    /// Orders what an output needs, and finds what of it is there. `progress` gets the frames that are done so far,
    /// from worker threads. `rendition`, of the maker's timeline, must live until the order is over.
    std::shared_ptr<SegmentOrder> order(const render::Rendition& rendition, std::vector<SegmentJob> jobs,
                                        std::function<void(std::int64_t done)> progress);

    /// Begins with all that was ordered since. Throws Error(internal) where the system gives no thread.
    void start();

    /// Waits until an order is made; its segments by key. Throws what making one of them threw.
    std::map<std::string, StoredSegment> wait(const std::shared_ptr<SegmentOrder>& order);

    /// The same for one segment of it.
    StoredSegment wait(const std::shared_ptr<SegmentOrder>& order, const std::string& key);

    /// For a helper: begins, and waits until nothing is left that others would have it make. Throws what making one of
    /// them threw.
    void help();

private:
    struct Task;
    struct Window;
    class Making;

    void form_windows();
    void add_window(std::int64_t first, std::vector<Task> tasks);
    void work();
    void offer(std::unique_lock<std::mutex>& lock);
    void look_elsewhere(std::unique_lock<std::mutex>& lock);
    bool settle_elsewhere(const Task& task);
    bool is_ours(Making& making);
    std::optional<SegmentSchedule::Turn> claim(std::unique_lock<std::mutex>& lock);
    bool advance(Making& making);
    void finish(const Task& task, const StoredSegment& segment);
    void fail(const Task& task, const std::exception_ptr& failure);
    void report(const Task& task, std::int64_t frames);
    bool wanted(const Task& task);

    const Timeline& timeline_;
    SegmentStore& store_;
    const MakerSettings settings_;
    const std::size_t jobs_;
    std::mutex mutex_;
    std::condition_variable changed_;
    SegmentSchedule schedule_;
    std::vector<Task> ordered_;                              ///< in no window yet
    std::vector<Task> elsewhere_;                            ///< that others have claimed
    bool looking_elsewhere_ = false;                         ///< one thread asks how far they are
    bool offered_ = false;                                   ///< or nobody is to be asked any more
    std::exception_ptr failure_;                             ///< the first, of any task
    std::map<std::size_t, std::unique_ptr<Window>> windows_; ///< by their number in the schedule, until they are over
    std::atomic<bool> over_ = false;
    std::vector<std::thread> workers_; ///< last: they start when everything else stands
};

} // namespace longtake::stages
