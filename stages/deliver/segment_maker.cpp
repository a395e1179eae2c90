#include "stages/deliver/segment_maker.h"

#include "pipeline/av/splice/segment.h"
#include "pipeline/av/splice/splice_proof.h"
#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"
#include "pipeline/render/shared_frames.h"

#include <unistd.h>

#include <algorithm>
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
        std::vector<SegmentSchedule::Segment> segments;
        std::ranges::transform(tasks, std::back_inserter(segments), [](const Task& task) {
            return SegmentSchedule::Segment{pixels_of(task.job), task.job.frames,
                                            av::wants_the_process(task.job.media)};
        });
        const bool in_turn = std::ranges::any_of(tasks, [](const Task& task) { return task.job.in_turn; });
        const std::size_t window = schedule_.add(segments, in_turn ? std::optional(place.first) : std::nullopt);
        windows_.emplace(window, std::make_unique<Window>(timeline_, place.first, std::move(tasks)));
    }
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
        if (const auto turn = schedule_.claim()) {
            return turn;
        }
        if (over_ && !schedule_.waiting()) {
            return std::nullopt;
        }
        changed_.wait(lock);
    }
}

/// Encodes the next frame, and ends the segment after its last. True when there is no more to be done.
bool SegmentMaker::advance(Making& making)
{
    try {
        if (over_ || settings_.stop.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        if (!wanted(making.task())) {
            making.leave();
            return true;
        }
        making.step(store_);
        report(making.task());
        if (making.complete()) {
            finish(making.task(), making.finish(store_));
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

void SegmentMaker::report(const Task& task)
{
    for (const auto& order : task.orders) {
        const std::lock_guard lock(mutex_);
        ++order->done_;
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
        for (const auto& order : task.orders) {
            order->failure_ = order->failure_ ? order->failure_ : failure;
        }
    }
    changed_.notify_all();
}

} // namespace longtake::stages
