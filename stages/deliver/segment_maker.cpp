#include "stages/deliver/segment_maker.h"

#include "pipeline/av/splice/segment.h"
#include "pipeline/av/splice/splice_proof.h"
#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"
#include "pipeline/render/shared_frames.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace longtake::stages {
namespace {

std::int64_t free_memory()
{
    return std::int64_t{sysconf(_SC_AVPHYS_PAGES)} * sysconf(_SC_PAGESIZE);
}

/// libavformat's names are extensions, but for one.
std::string extension_of(const av::MediaSpec& media)
{
    return media.container == "matroska" ? ".mkv" : "." + media.container;
}

double pixels_of(const SegmentJob& job)
{
    return static_cast<double>(job.media.size.width) * job.media.size.height;
}

} // namespace

struct SegmentMaker::Task {
    SegmentJob job;
    const render::Rendition* rendition;
    std::vector<std::shared_ptr<SegmentOrder>> orders; ///< that it is for
};

/// One segment in the making. Used by one thread at a time.
class SegmentMaker::Making {
public:
    Making(Task task, Window& window, std::size_t taker) : task_(std::move(task)), window_(window), taker_(taker) {}

    const Task& task() const { return task_; }
    Window& window() const { return window_; }
    bool begun() const { return open_.has_value(); }
    bool complete() const { return done_ == task_.job.frames; }

    void step(SegmentStore& store);
    StoredSegment finish(SegmentStore& store);
    void leave();

private:
    /// What is open while it is made.
    struct Open {
        PartFile part;
        av::MediaWriter writer;
        render::Rendition::Reader frames;
    };

    const Task task_;
    Window& window_;
    const std::size_t taker_;
    std::optional<Open> open_;
    std::int64_t done_ = 0;
};

/// Tasks that show the same frames of the timeline, which are composed once.
struct SegmentMaker::Window {
    Window(const Timeline& timeline, std::int64_t first, std::vector<Task> tasks)
        : frames(timeline, first, tasks.size())
    {
        for (Task& task : tasks) {
            makings.push_back(std::make_unique<Making>(std::move(task), *this, makings.size()));
        }
    }

    render::SharedFrames frames;
    std::vector<std::unique_ptr<Making>> makings;
};

void SegmentMaker::Making::step(SegmentStore& store)
{
    const SegmentJob& job = task_.job;
    if (!open_) {
        PartFile part = store.begin(job.key, extension_of(job.media));
        av::MediaWriter writer(part.part(), job.media);
        open_.emplace(Open{std::move(part), std::move(writer),
                           task_.rendition->read(job.at, job.media.video.pixel_format, window_.frames.source(taker_))});
    }
    const auto frame = open_->frames.next();
    if (!frame) {
        throw Error(Errc::internal, "segment: the film ends before its plan does");
    }
    open_->writer.write(*frame);
    ++done_;
}

/// Drains the encoder and proves what it made.
StoredSegment SegmentMaker::Making::finish(SegmentStore& store)
{
    const SegmentJob& job = task_.job;
    leave();
    PartFile part = [&] {
        open_->writer.finish();
        PartFile written = std::move(open_->part);
        open_.reset(); // the encoder's memory
        return written;
    }();
    std::vector<std::string> hashes = av::verify_segment(part.part(), job.media.rate, job.frames);
    return store.keep(std::move(part), job.key, job.frames, std::move(hashes));
}

void SegmentMaker::Making::leave()
{
    window_.frames.leave(taker_);
}

SegmentMaker::SegmentMaker(const Timeline& timeline, SegmentStore& store, MakerSettings settings)
    : timeline_(timeline), store_(store), settings_(std::move(settings)),
      jobs_(static_cast<std::size_t>(thread_count(settings_.jobs))),
      schedule_(static_cast<double>(settings_.memory > 0 ? settings_.memory : free_memory() / 2))
{
}

SegmentMaker::~SegmentMaker()
{
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) {
        worker.join();
    }
}

std::shared_ptr<SegmentOrder> SegmentMaker::order(const render::Rendition& rendition, std::vector<SegmentJob> jobs,
                                                  std::function<void(std::int64_t)> progress)
{
    auto order = std::make_shared<SegmentOrder>();
    order->progress_ = std::move(progress);
    std::set<std::string> seen;
    std::int64_t again = 0; ///< frames of segments that come more than once
    for (SegmentJob& job : jobs) {
        auto there = store_.find(job.key);
        const std::lock_guard lock(mutex_);
        if (there) {
            order->reused_ += job.frames;
            order->made_.insert_or_assign(job.key, std::move(*there));
            continue;
        }
        if (!seen.insert(job.key).second) { // as of a shot that comes twice
            again += job.frames;
            continue;
        }
        ++order->missing_;
        const auto same = std::ranges::find(ordered_, job.key, [](const Task& task) { return task.job.key; });
        if (same != ordered_.end()) {
            same->orders.push_back(order);
        } else {
            ordered_.push_back({std::move(job), &rendition, {order}});
        }
    }
    order->done_ = order->reused_ + again;
    return order;
}

void SegmentMaker::start()
{
    {
        const std::lock_guard lock(mutex_);
        form_windows();
        if (workers_.empty() && !windows_.empty()) {
            workers_ = start_threads(jobs_, [this] { work(); });
        }
    }
    changed_.notify_all();
}

void SegmentMaker::form_windows()
{
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Task>> by_place;
    for (Task& task : ordered_) {
        const std::int64_t first = task.rendition->timeline_frame(task.job.at);
        const std::int64_t last = task.rendition->timeline_frame(task.job.at + task.job.frames - 1);
        by_place[{first, last}].push_back(std::move(task));
    }
    ordered_.clear();
    for (auto& [place, tasks] : by_place) {
        add_window(place.first, std::move(tasks));
    }
}

/// `first`: frame of the timeline with which all the tasks begin.
void SegmentMaker::add_window(std::int64_t first, std::vector<Task> tasks)
{
    std::vector<SegmentSchedule::Segment> segments;
    std::ranges::transform(tasks, std::back_inserter(segments), [](const Task& task) {
        return SegmentSchedule::Segment{pixels_of(task.job), task.job.frames, av::wants_the_process(task.job.media)};
    });
    const bool in_turn = std::ranges::any_of(tasks, [](const Task& task) { return task.job.in_turn; });
    const std::size_t window = schedule_.add(segments, in_turn ? std::optional(first) : std::nullopt);
    windows_.emplace(window, std::make_unique<Window>(timeline_, first, std::move(tasks)));
}

std::map<std::string, StoredSegment> SegmentMaker::wait(const std::shared_ptr<SegmentOrder>& order)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return order->missing_ == 0 || order->failure_; });
    if (order->failure_) {
        std::rethrow_exception(order->failure_);
    }
    return order->made_;
}

StoredSegment SegmentMaker::wait(const std::shared_ptr<SegmentOrder>& order, const std::string& key)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return order->made_.contains(key) || order->failure_; });
    if (order->failure_) {
        std::rethrow_exception(order->failure_);
    }
    return order->made_.at(key);
}

void SegmentMaker::help()
{
    start();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return windows_.empty(); });
    if (failure_) {
        std::rethrow_exception(failure_);
    }
}

void SegmentMaker::work()
{
    std::unique_lock lock(mutex_);
    while (const auto turn = claim(lock)) {
        Making& making = *windows_.at(turn->window)->makings[turn->segment];
        lock.unlock();
        const bool over = advance(making);
        lock.lock();
        schedule_.release(*turn, over);
        if (schedule_.is_over(turn->window)) {
            windows_.erase(turn->window);
        }
        changed_.notify_all();
    }
}

/// Waits until there is something to go on with. Empty at the end.
std::optional<SegmentSchedule::Turn> SegmentMaker::claim(std::unique_lock<std::mutex>& lock)
{
    while (true) {
        offer(lock);
        if (const auto turn = schedule_.claim()) {
            return turn;
        }
        if (over_ && !schedule_.waiting()) {
            return std::nullopt;
        }
        if (elsewhere_.empty() || looking_elsewhere_ || over_) {
            changed_.wait(lock);
        } else {
            look_elsewhere(lock);
        }
    }
}

/// Lets others make what is not begun, as soon as they have the time.
void SegmentMaker::offer(std::unique_lock<std::mutex>& lock)
{
    if (!settings_.share || settings_.share->helps() || offered_ || over_) {
        return;
    }
    lock.unlock();
    bool wanted = false;
    try {
        wanted = settings_.share->wants_help();
    } catch (const Error&) { // whatever cannot be reached is met again where it is needed
    }
    lock.lock();
    if (!wanted || offered_) {
        return;
    }
    offered_ = true;
    std::vector<std::string> keys;
    for (const std::size_t window : schedule_.not_begun()) {
        for (const auto& making : windows_.at(window)->makings) {
            keys.push_back(making->task().job.key);
        }
    }
    lock.unlock();
    try {
        settings_.share->offer(keys);
    } catch (const Error&) { // they stay ours
    }
    lock.lock();
}

/// Asks how far others are, and takes back what they have let go.
void SegmentMaker::look_elsewhere(std::unique_lock<std::mutex>& lock)
{
    constexpr std::chrono::milliseconds k_look{200};
    looking_elsewhere_ = true;
    const std::vector<Task> tasks = std::exchange(elsewhere_, {});
    std::vector<Task> still;
    lock.unlock();
    for (const Task& task : tasks) {
        if (!settle_elsewhere(task)) {
            still.push_back(task);
        }
    }
    lock.lock();
    std::ranges::move(still, std::back_inserter(elsewhere_));
    if (!schedule_.waiting() && !elsewhere_.empty()) {
        changed_.wait_for(lock, k_look);
    }
    looking_elsewhere_ = false;
    changed_.notify_all();
}

/// False where another is still at it.
bool SegmentMaker::settle_elsewhere(const Task& task)
{
    try {
        if (settings_.stop.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        if (!wanted(task)) {
            return true;
        }
        if (const auto segment = settings_.share->fetch(task.job.key, store_)) {
            report(task, task.job.frames);
            finish(task, *segment);
            return true;
        }
        if (!settings_.share->claim(task.job.key)) {
            return false;
        }
        const std::lock_guard lock(mutex_);
        add_window(task.rendition->timeline_frame(task.job.at), {task});
    } catch (...) {
        fail(task, std::current_exception());
    }
    return true;
}

/// Asked before a segment is begun. One that another makes is set aside.
bool SegmentMaker::is_ours(Making& making)
{
    if (!settings_.share || making.begun() || settings_.share->claim(making.task().job.key)) {
        return true;
    }
    making.leave();
    if (!settings_.share->helps()) {
        const std::lock_guard lock(mutex_);
        elsewhere_.push_back(making.task());
    }
    return false;
}

/// Encodes the next frame, and ends the segment after its last. True when there is no more to be done.
bool SegmentMaker::advance(Making& making)
{
    try {
        if (settings_.pause) {
            settings_.pause();
        }
        if (over_ || settings_.stop.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        if (!wanted(making.task())) {
            making.leave();
            return true;
        }
        if (!is_ours(making)) {
            return true;
        }
        making.step(store_);
        report(making.task(), 1);
        if (making.complete()) {
            const StoredSegment segment = making.finish(store_);
            if (settings_.share) {
                settings_.share->made(making.task().job.key, segment);
            }
            finish(making.task(), segment);
        }
        return making.complete();
    } catch (...) {
        making.leave();
        fail(making.task(), std::current_exception());
        return true;
    }
}

/// Whether any output that ordered it can still be made.
bool SegmentMaker::wanted(const Task& task)
{
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(task.orders, [](const auto& order) { return !order->failure_; });
}

/// That so many frames more are there.
void SegmentMaker::report(const Task& task, std::int64_t frames)
{
    for (const auto& order : task.orders) {
        const std::lock_guard lock(mutex_);
        order->done_ += frames;
        if (order->progress_) {
            order->progress_(order->done_);
        }
    }
}

void SegmentMaker::finish(const Task& task, const StoredSegment& segment)
{
    {
        const std::lock_guard lock(mutex_);
        for (const auto& order : task.orders) {
            order->made_.insert_or_assign(task.job.key, segment);
            --order->missing_;
        }
    }
    changed_.notify_all();
}

void SegmentMaker::fail(const Task& task, const std::exception_ptr& failure)
{
    {
        const std::lock_guard lock(mutex_);
        failure_ = failure_ ? failure_ : failure;
        for (const auto& order : task.orders) {
            order->failure_ = order->failure_ ? order->failure_ : failure;
        }
    }
    changed_.notify_all();
}

} // namespace longtake::stages
