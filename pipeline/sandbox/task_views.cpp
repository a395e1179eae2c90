// Looks at tasks, and their files: the half of ServiceState that changes nothing that costs.
#include "pipeline/sandbox/service_state.h"

#include "pipeline/base/hash.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::sandbox {
namespace {

constexpr std::size_t k_most_kept = 300; ///< refusals and leaks remembered

std::int64_t unix_seconds(Clock::time_point at)
{
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

std::int64_t unix_ms(Clock::time_point at)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

const char* phase_word(TaskState phase)
{
    switch (phase) {
    case TaskState::queued: return "queued";
    case TaskState::working: return "working";
    case TaskState::done: return "done";
    case TaskState::failed: return "failed";
    }
    return "";
}

bool gives_back(const Task& task)
{
    return task.faults.has(Fault::Effect::fail_free) || task.order.spoils.has_value();
}

std::string failure_of(const Task& task, const RenderedFile& print)
{
    if (print.state == RenderedFile::State::failed) {
        return "rendering failed: " + print.error;
    }
    if (task.order.spoils) {
        return *task.order.spoils;
    }
    if (task.faults.has(Fault::Effect::odd_failure)) {
        return "Task aborted";
    }
    const bool risky = task.faults.has(Fault::Effect::fail) || task.faults.has(Fault::Effect::fail_unsaid);
    return risky ? "Failure to pass the risk control system" : "Service busy, please try again later";
}

std::string word_for(const Task& task, TaskState phase)
{
    using E = Fault::Effect;
    if (phase == TaskState::failed) {
        return task.faults.has(E::odd_failure) ? "aborted" : "";
    }
    const bool odd = task.faults.has(E::address_early) || (task.faults.has(E::odd_word) && phase != TaskState::done);
    return odd ? "gpu_warming" : "";
}

bool names_footage(const Task& task)
{
    return !task.faults.has(Fault::Effect::no_address) && !task.faults.has(Fault::Effect::withheld);
}

/// Whether the service does not find the task, though it is there. A look in progress is counted already.
bool hidden(const Task& task, bool by_own_id)
{
    constexpr int k_lagging_looks = 2;
    using E = Fault::Effect;
    return task.faults.has(E::gone) || (task.faults.has(E::poll_missing) && task.looks <= k_lagging_looks) ||
           (by_own_id && task.faults.has(E::search_missing) && task.searches <= k_lagging_looks);
}

void keep_note(std::vector<nlohmann::json>& notes, nlohmann::json note)
{
    if (notes.size() >= k_most_kept) {
        notes.erase(notes.begin());
    }
    notes.push_back(std::move(note));
}

} // namespace

std::string ServiceState::signature(const std::string& name, const std::string& expires) const
{
    return sha256_of(signing_key_ + name + expires + signing_key_).substr(0, 32);
}

std::string ServiceState::file_url(const Task& task, double good_for) const
{
    const std::string name = task.video_id + ".mp4";
    const std::string expires = std::to_string(unix_seconds(now()) + static_cast<std::int64_t>(good_for));
    return fmt::format("{}/files/{}?expires={}&signature={}", root, name, expires, signature(name, expires));
}

TaskView ServiceState::view_of(Task& task, bool counts)
{
    TaskView view;
    view.phase = phase_of(task);
    if (counts) {
        ++task.looks;
        task.looks_when_done += view.phase == TaskState::done ? 1 : 0;
    }
    view.word = word_for(task, view.phase);
    if (view.phase == TaskState::done && names_footage(task)) {
        const bool stale = task.faults.has(Fault::Effect::expired_url) && task.looks_when_done <= 1;
        view.url = file_url(task, stale ? -60 : settings.url_seconds);
        view.url = task.faults.has(Fault::Effect::padded_url) ? "  \n" + view.url + "\n  " : view.url;
    }
    if (view.phase == TaskState::failed) {
        view.reason = failure_of(task, renders_.print(task.print));
    }
    view.charged = view.phase == TaskState::failed && gives_back(task) ? 0 : task.price;
    view.says_charge = !task.faults.has(Fault::Effect::fail_unsaid);
    view.withheld = view.phase == TaskState::done && task.faults.has(Fault::Effect::withheld);
    if (const Task* parent = find_video(task.order.parent)) {
        view.parent = *parent;
        view.parent_url = file_url(*parent, settings.url_seconds);
    }
    view.task = task;
    view.created = unix_ms(task.accepted);
    view.updated = unix_ms(now());
    return view;
}

std::optional<TaskView> ServiceState::look(const Account& account, const std::string& id, bool own_ids)
{
    const std::lock_guard lock(mutex_);
    Task* task = find(account, id, own_ids);
    if (task == nullptr) {
        return std::nullopt;
    }
    const bool by_own_id = task->id != id;
    task->searches += by_own_id ? 1 : 0;
    const TaskView view = view_of(*task, true);
    return hidden(*task, by_own_id) ? std::nullopt : std::optional(view);
}

std::vector<TaskView> ServiceState::list(const Account& account, const std::string& kind)
{
    const std::lock_guard lock(mutex_);
    std::vector<TaskView> views;
    for (auto task = tasks_.rbegin(); task != tasks_.rend(); ++task) {
        if ((*task)->account == account && (kind.empty() || (*task)->order.kind == kind) && !hidden(**task, false)) {
            views.push_back(view_of(**task, false));
        }
    }
    return views;
}

std::optional<TaskView> ServiceState::result(const Account& account, const std::string& id)
{
    const std::lock_guard lock(mutex_);
    Task* task = find_video(id);
    task = task == nullptr ? find(account, id, false) : task;
    if (task == nullptr || task->account != account || phase_of(*task) != TaskState::done) {
        return std::nullopt;
    }
    return view_of(*task, false);
}

void ServiceState::count(const std::string& surface, const std::string& what)
{
    const std::lock_guard lock(mutex_);
    if (surface.empty()) {
        ++requests_total_;
    } else {
        ++requests_[surface][what];
    }
}

void ServiceState::note_refusal(const std::string& surface, const Call& call, int code, const std::string& reason)
{
    const std::lock_guard lock(mutex_);
    keep_note(refused_, {{"at", unix_ms(now())},
                         {"surface", surface},
                         {"request", call.method + " " + call.path},
                         {"code", code},
                         {"reason", reason}});
}

void ServiceState::note_leak(const Call& call)
{
    const std::lock_guard lock(mutex_);
    keep_note(leaks_, {{"at", unix_ms(now())}, {"request", call.method + " " + call.path}});
}

double ServiceState::spent_by(const Account& account) const
{
    double sum = 0;
    for (const Bill& bill : bills_) {
        sum += bill.account == account && !returned(bill) ? bill.amount : 0;
    }
    return sum;
}

double ServiceState::spent(const Account& account) const
{
    const std::lock_guard lock(mutex_);
    return spent_by(account);
}

/// A failed task may cost nothing.
bool ServiceState::returned(const Bill& bill) const
{
    const Task& task = *by_id_.at(bill.account.surface + "/" + bill.task);
    return gives_back(task) && phase_of(task) == TaskState::failed;
}

nlohmann::json ServiceState::state() const
{
    const std::lock_guard lock(mutex_);
    nlohmann::json state = {{"submits", submits_},
                            {"requests_total", requests_total_},
                            {"requests", requests_},
                            {"refused", refused_},
                            {"leaks", leaks_},
                            {"faults", faults.ordered()},
                            {"rendered", renders_.rendered()},
                            {"tasks", nlohmann::json::array()},
                            {"bills", nlohmann::json::array()}};
    double total = 0;
    for (const Bill& bill : bills_) {
        total += returned(bill) ? 0 : bill.amount;
        state["bills"].push_back({{"submit", bill.submit},
                                  {"task", bill.task},
                                  {"own_id", bill.own_id},
                                  {"surface", bill.account.surface},
                                  {"account", bill.account.key},
                                  {"kind", bill.kind},
                                  {"amount", bill.amount},
                                  {"returned", returned(bill)},
                                  {"at", unix_ms(bill.at)}});
    }
    state["total"] = {{"amount", total}, {"currency", "USD"}};
    for (const auto& task : tasks_) {
        state["tasks"].push_back(
            {{"id", task->id},
             {"own_id", task->order.own_id},
             {"surface", task->account.surface},
             {"account", task->account.key},
             {"kind", task->order.kind},
             {"model", task->order.model},
             {"mode", task->order.mode},
             {"seconds", task->footage.seconds()},
             {"size", task->footage.takes.front().size.text()},
             {"prompt", task->order.prompt},
             {"phase", phase_word(phase_of(*task))},
             {"submit", task->submit},
             {"looks", task->looks},
             {"fetches", task->fetches},
             {"faults", task->faults.names()},
             {"video_id", task->video_id},
             {"url", phase_of(*task) == TaskState::done ? file_url(*task, settings.url_seconds) : ""},
             {"accepted", unix_ms(task->accepted)}});
    }
    return state;
}

void ServiceState::order_fault(const std::string& text)
{
    int so_far = 0;
    {
        const std::lock_guard lock(mutex_);
        so_far = submits_;
    }
    faults.order(text, so_far);
}

void ServiceState::forgive()
{
    faults.clear();
    const std::lock_guard lock(mutex_);
    for (const auto& task : tasks_) {
        task->faults = {};
    }
}

void ServiceState::reset()
{
    faults.clear();
    const std::lock_guard lock(mutex_);
    by_id_.clear();
    by_video_.clear();
    tasks_.clear();
    bills_.clear();
    requests_.clear();
    submit_times_.clear();
    refused_.clear();
    leaks_.clear();
    submits_ = 0;
    requests_total_ = 0;
}

} // namespace longtake::sandbox
