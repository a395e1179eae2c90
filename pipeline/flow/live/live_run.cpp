#include "pipeline/flow/live/live_run.h"

#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"

#include <chrono>
#include <memory>
#include <utility>

namespace longtake {
namespace {

constexpr std::chrono::milliseconds k_between_looks{200};

/// What somebody at the terminal said, once it was said.
struct Said {
    std::mutex mutex;
    std::optional<bool> yes;
};

/// Asks on a thread that may outlive the question: who has typed nothing cannot be told to stop.
std::shared_ptr<Said> asked(const std::function<bool()>& ask)
{
    auto said = std::make_shared<Said>();
    if (ask) {
        start_thread([said, ask] {
            const bool yes = ask();
            const std::lock_guard lock(said->mutex);
            said->yes = yes;
        }).detach();
    }
    return said;
}

} // namespace

LiveRun::LiveRun(nlohmann::json head, const Observer& observer, const std::optional<Steering>& steering, Looks looks)
    : log_([&] {
          head["control"] = steering ? "batch" : "own"; // whose control file it goes by
          return std::move(head);
      }()),
      outer_(observer), steering_(steering), looks_(looks), outer_stop_(outer_.stop, [this] { stop_.request_stop(); })
{
    observer_.stop = stop_.get_token();
    observer_.listener = [this](const Event& event) {
        log_.tell(event);
        outer_.tell(event);
    };
    observer_.pause = [this] { wait_while_paused(); };
}

LiveRun::~LiveRun() = default;

void LiveRun::open(const std::filesystem::path& folder)
{
    log_.open(folder);
    const Steering from = steering_.value_or(Steering{folder, log_.run()});
    {
        const std::lock_guard lock(mutex_);
        control_.emplace(from.folder, from.run);
    }
    look();
    if (looks_ == Looks::by_themselves) {
        looking_ = start_thread<std::jthread>([this](const std::stop_token& over) {
            std::mutex mutex;
            std::condition_variable_any never;
            std::unique_lock lock(mutex);
            while (!never.wait_for(lock, over, k_between_looks, [] { return false; }) && !over.stop_requested()) {
                look();
            }
        });
    }
}

void LiveRun::look()
{
    Control control;
    {
        const std::lock_guard lock(mutex_);
        if (!control_) {
            return;
        }
        control = control_->look();
    }
    go_by(control);
}

void LiveRun::go_by(const Control& control)
{
    {
        const std::lock_guard lock(mutex_);
        if (paused_ != control.paused) {
            log_.put({{"event", control.paused ? "paused" : "resumed"}}); // before whoever waits goes on
            paused_ = control.paused;
        }
        approved_ = approved_ || control.approved;
    }
    changed_.notify_all();
    if (control.cancelled && !stop_.stop_requested()) {
        log_.put({{"event", "cancelled"}});
        stop_.request_stop();
    }
}

/// Between two things that are done one after the other: a frame, a shot, a request.
void LiveRun::wait_while_paused()
{
    outer_.wait_while_paused();
    if (!paused_) {
        return;
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop_.get_token(), [this] { return !paused_; });
}

bool LiveRun::approved(nlohmann::json question, const std::function<bool()>& ask)
{
    question["event"] = "waiting";
    log_.put(std::move(question));
    const std::shared_ptr<Said> said = asked(ask);
    std::optional<bool> yes;
    while (!yes) {
        if (stop_.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        look();
        std::unique_lock lock(mutex_);
        if (!approved_) {
            changed_.wait_for(lock, stop_.get_token(), k_between_looks, [this] { return approved_; });
        }
        if (approved_) {
            yes = true;
        } else {
            const std::lock_guard heard(said->mutex);
            yes = said->yes;
        }
    }
    log_.put({{"event", *yes ? "approved" : "refused"}});
    return *yes;
}

void LiveRun::end(const std::string& outcome, const std::string& message)
{
    looking_ = {};
    log_.put({{"event", "end"}, {"outcome", outcome}, {"message", message}});
}

} // namespace longtake
