#include "stages/deliver/segment_maker.h"

#include "pipeline/av/splice/splice_proof.h"
#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"
#include "pipeline/render/shared_frames.h"

#include <unistd.h>

#include <algorithm>
#include <list>
#include <set>
#include <tuple>

namespace longtake::stages {
namespace {

/// What an encoder holds at most for each pixel: libx264's lookahead of 40 frames, its references and the frames it is
/// at work on. Measured with libx264 164 at medium, one thread, 1080p: 130 MB.
constexpr double k_bytes_a_pixel = 64;

std::int64_t free_memory()
{
    return std::int64_t{sysconf(_SC_AVPHYS_PAGES)} * sysconf(_SC_PAGESIZE);
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

    double cost() const { return pixels_of(job) * static_cast<double>(job.frames); }
};

/// Tasks that show the same frames of the timeline.
struct SegmentMaker::Group {
    std::int64_t first = 0; ///< of the timeline
    std::int64_t last = 0;
    std::vector<Task> tasks;
    double cost = 0;

    auto place() const { return std::tie(first, last); }
};

/// One segment in the making.
class SegmentMaker::Making {
public:
    Making(const Task& task, SegmentStore& store, render::FrameSource composed)
        : job_(task.job), part_(store.begin(job_.key, "." + job_.media.container)),
          writer_(std::make_unique<av::MediaWriter>(part_.part(), job_.media)),
          frames_(task.rendition->read(job_.at, job_.media.video.pixel_format, std::move(composed)))
    {
    }

    double progress() const { return static_cast<double>(done_) / static_cast<double>(job_.frames); }
    bool complete() const { return done_ == job_.frames; }

    void step()
    {
        const auto frame = frames_.next();
        if (!frame) {
            throw Error(Errc::internal, "segment: the film ends before its plan does");
        }
        writer_->write(*frame);
        ++done_;
    }

    /// Drains the encoder and proves what it made.
    StoredSegment finish(SegmentStore& store)
    {
        writer_->finish();
        writer_.reset();
        std::vector<std::string> hashes = av::verify_segment(part_.part(), job_.media.rate, job_.frames);
        return store.keep(std::move(part_), job_.key, job_.frames, std::move(hashes));
    }

private:
    const SegmentJob& job_;
    PartFile part_;
    std::unique_ptr<av::MediaWriter> writer_;
    render::Rendition::Reader frames_;
    std::int64_t done_ = 0;
};

SegmentMaker::SegmentMaker(const Timeline& timeline, SegmentStore& store, MakerSettings settings)
    : timeline_(timeline), store_(store), settings_(std::move(settings)),
      jobs_(static_cast<std::size_t>(thread_count(settings_.jobs)))
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
    order->rendition_ = &rendition;
    order->progress_ = std::move(progress);
    std::set<std::string> seen;
    for (SegmentJob& job : jobs) {
        auto there = store_.find(job.key);
        const std::lock_guard lock(mutex_);
        if (there) {
            order->reused_ += job.frames;
            order->made_.insert_or_assign(job.key, std::move(*there));
            continue;
        }
        if (!seen.insert(job.key).second) { // the same again, as of a shot that comes twice
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
    order->done_ = order->reused_;
    return order;
}

void SegmentMaker::start()
{
    {
        const std::lock_guard lock(mutex_);
        form_groups();
        if (workers_.empty() && !groups_.empty()) {
            workers_ = start_threads(jobs_, [this] { work(); });
        }
    }
    changed_.notify_all();
}

/// Encoders that one thread feeds at a time: all that want the same frames, as far as memory goes.
std::size_t SegmentMaker::encoders_at_once() const
{
    double largest = 1;
    for (const Task& task : ordered_) {
        largest = std::max(largest, pixels_of(task.job));
    }
    const auto memory = static_cast<double>(settings_.memory > 0 ? settings_.memory : free_memory() / 2);
    return static_cast<std::size_t>(std::max(1.0, memory / (largest * k_bytes_a_pixel * static_cast<double>(jobs_))));
}

void SegmentMaker::form_groups()
{
    const std::size_t most = encoders_at_once();
    std::vector<Group> groups;
    for (Task& task : ordered_) {
        const std::int64_t first = task.rendition->timeline_frame(task.job.at);
        const std::int64_t last = task.rendition->timeline_frame(task.job.at + task.job.frames - 1);
        auto group = std::ranges::find_if(groups, [&](const Group& other) {
            return other.place() == std::tie(first, last) && other.tasks.size() < most;
        });
        if (group == groups.end()) {
            group = groups.insert(group, {first, last, {}, 0});
        }
        group->cost += task.cost();
        group->tasks.push_back(std::move(task));
    }
    ordered_.clear();
    std::move(groups.begin(), groups.end(), std::back_inserter(groups_));
    std::ranges::stable_sort(groups_, {}, &Group::cost);
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

void SegmentMaker::work()
{
    while (auto group = claim()) {
        make(std::move(*group));
    }
}

std::optional<SegmentMaker::Group> SegmentMaker::claim()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return over_ || !groups_.empty(); });
    if (over_) {
        return std::nullopt;
    }
    Group group = std::move(groups_.back());
    groups_.pop_back();
    return group;
}

void SegmentMaker::make(Group group)
{
    struct Member {
        const Task* task;
        std::size_t taker;
        std::unique_ptr<Making> making;
    };
    render::SharedFrames frames(timeline_, group.first, group.tasks.size());
    std::list<Member> members;
    const auto attempt = [&](const Task& task, std::size_t taker, auto&& work) {
        try {
            if (stopped()) {
                throw Error(Errc::interrupted, "stopped");
            }
            work();
            return true;
        } catch (...) {
            frames.leave(taker);
            fail(task, std::current_exception());
            return false;
        }
    };
    for (std::size_t i = 0; i < group.tasks.size(); ++i) {
        const Task& task = group.tasks[i];
        if (!wanted(task)) {
            frames.leave(i);
            continue;
        }
        attempt(task, i, [&] {
            members.push_back({&task, i, std::make_unique<Making>(task, store_, frames.source(i))});
        });
    }
    while (!members.empty()) {
        const auto next = std::ranges::min_element(members, {}, [](const Member& m) { return m.making->progress(); });
        const Member& member = *next;
        const bool made = attempt(*member.task, member.taker, [&] {
            member.making->step();
            advance(*member.task);
            if (member.making->complete()) {
                frames.leave(member.taker);
                finish(*member.task, member.making->finish(store_));
            }
        });
        if (!made || member.making->complete()) {
            members.erase(next);
        }
    }
}

bool SegmentMaker::stopped() const
{
    return over_ || settings_.stop.stop_requested();
}

/// Whether any output that ordered it can still be made.
bool SegmentMaker::wanted(const Task& task)
{
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(task.orders, [](const auto& order) { return !order->failure_; });
}

void SegmentMaker::advance(const Task& task)
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
