#include "pipeline/sandbox/service_state.h"

#include "pipeline/av/probe.h"
#include "pipeline/base/hash.h"
#include "pipeline/sandbox/fault_replies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>

namespace longtake::sandbox {
namespace {

constexpr double k_move_seconds = 40; ///< a move takes many takes, so that chains keep moving

std::chrono::duration<double> seconds_of(double seconds)
{
    return std::chrono::duration<double>(seconds);
}

std::int64_t milliseconds(Clock::time_point at)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

int even(double side)
{
    return std::max(2, static_cast<int>(std::lround(side / 2)) * 2);
}

double aspect_of(const Order& order)
{
    const bool first_frame = order.kind != "multi-image2video" && order.kind != "reference-to-video";
    if (!order.pictures.empty() && first_frame) {
        return order.pictures.front().size.aspect();
    }
    const auto colon = order.aspect.find(':');
    return std::stod(order.aspect) / std::stod(order.aspect.substr(colon + 1));
}

/// As many pixels as the model's class has at 16:9, in the input's aspect.
Size output_size(const Order& order, const Model& model, double scale)
{
    const auto found = model.size.find(order.mode);
    const Size wide = found == model.size.end() ? Size{1280, 720} : found->second;
    const double aspect = aspect_of(order);
    const double pixels = static_cast<double>(wide.width) * wide.height * scale * scale;
    return {even(std::sqrt(pixels * aspect)), even(std::sqrt(pixels / aspect))};
}

/// Services do not deliver round lengths: 121 frames for 5 s at 24, 153 at 30.
std::int64_t frames_for(double seconds, const Rate& rate)
{
    return rate.frames(seconds) + (rate.fps() > 29 ? 3 : 1);
}

/// 4 to 5 s, different from call to call.
double seconds_added(const std::string& id)
{
    return 4 + static_cast<double>(std::hash<std::string>{}(id) % 11) / 10;
}

std::string random_key()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}", random(), random(), random());
}

Reply forbidden()
{
    Reply reply = text_reply(403, "<Error><Code>AccessDenied</Code></Error>");
    reply.type = "application/xml";
    return reply;
}

bool must_fail(const Task& task)
{
    using E = Fault::Effect;
    return task.order.spoils || task.faults.has(E::fail) || task.faults.has(E::fail_free) ||
           task.faults.has(E::fail_unsaid) || task.faults.has(E::odd_failure);
}

std::string asked(const Call& call, const std::string& name)
{
    const auto found = call.query.find(name);
    return found == call.query.end() ? std::string() : found->second;
}

} // namespace

ServiceState::ServiceState(Settings given, std::filesystem::path dir)
    : settings(std::move(given)), catalog(load_models(settings.preset_dirs)), pictures(dir), signing_key_(random_key()),
      renders_(dir, settings.render_threads)
{
    for (const std::string& fault : settings.faults) {
        faults.order(fault, 0);
    }
}

Clock::time_point ServiceState::now() const
{
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(seconds_of(settings.clock));
}

Reply ServiceState::submit(const std::string& surface, const std::string& kind, const Call& call, const Words& words)
{
    const Account account{surface, call.account};
    int number = 0;
    {
        const std::lock_guard lock(mutex_);
        number = ++submits_;
        ++requests_[surface]["submit " + kind];
        submit_times_[account].push_back(Clock::now());
    }
    const FaultSet spoilt = faults.of(number);
    if (auto reply = reply_before(spoilt, call, words, now())) {
        note_refusal(surface, call, 0, "fault: " + spoilt.names());
        return *reply;
    }
    try {
        const Order order = words.read();
        Footage footage = order.parent.empty() ? footage_of(order) : Footage{};
        TaskView view;
        {
            const std::lock_guard lock(mutex_);
            view.task = accept(account, number, order, spoilt, std::move(footage));
        }
        view.created = view.updated = milliseconds(view.task.accepted);
        Reply reply = reply_after(spoilt, words).value_or(words.created(view));
        reply.delay = spoilt.has(Fault::Effect::slow_submit) ? 2 : 0;
        return reply;
    } catch (const Refusal& refusal) {
        note_refusal(surface, call, refusal.code, refusal.what());
        return words.refused(refusal);
    }
}

Reply ServiceState::poll(const Account& account, const std::string& id, bool own_ids,
                         const std::function<Reply(const std::optional<TaskView>&)>& show,
                         const std::function<Reply(const Refusal&)>& refused)
{
    const auto view = look(account, id, own_ids);
    if (!view) {
        return show(view);
    }
    Reply reply = reply_to_look(view->task, refused).value_or(show(view));
    reply.delay = view->task.faults.has(Fault::Effect::slow_poll) ? 2 : 0;
    return reply;
}

std::optional<TaskView> ServiceState::result_of_file(const Account& account, const std::filesystem::path& file)
{
    const std::string hash = sha256_of_file(file);
    const auto size = std::filesystem::file_size(file);
    const auto is_it = [&](const std::filesystem::path& made) { // few are as long: the others are not read
        return std::filesystem::file_size(made) == size && sha256_of_file(made) == hash;
    };
    const std::lock_guard lock(mutex_);
    for (const auto& task : tasks_) {
        if (task->account == account && phase_of(*task) == TaskState::done && is_it(renders_.print(task->print).file)) {
            return view_of(*task, false);
        }
    }
    return std::nullopt;
}

Reply ServiceState::file(const Call& call)
{
    count("files", call.method);
    if (!call.authorization.empty()) {
        note_leak(call);
    }
    const std::string name = call.path.substr(call.path.rfind('/') + 1);
    const std::string expires = asked(call, "expires");
    const bool signed_well = !expires.empty() && asked(call, "signature") == signature(name, expires);
    if (!signed_well ||
        std::stoll(expires) < std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count()) {
        return forbidden();
    }
    const std::lock_guard lock(mutex_);
    Task* task = find_video(name.substr(0, name.find('.')));
    if (task == nullptr) {
        return text_reply(404, "no such file\n");
    }
    ++task->fetches;
    return file_reply(*task, renders_.print(task->print).file);
}

std::optional<Reply> ServiceState::content(const Account& account, const std::string& id)
{
    const std::lock_guard lock(mutex_);
    Task* task = find(account, id, false);
    if (task == nullptr || phase_of(*task) != TaskState::done || task->faults.has(Fault::Effect::gone)) {
        return std::nullopt;
    }
    ++task->fetches;
    return file_reply(*task, renders_.print(task->print).file);
}

Task ServiceState::accept(const Account& account, int number, const Order& order, const FaultSet& spoilt,
                          Footage footage)
{
    check_rate(account);
    const double price = price_of(account.surface, order);
    check_account(account, order, price);

    auto task = std::make_unique<Task>();
    task->id = new_id();
    task->video_id = new_id();
    task->account = account;
    task->submit = number;
    task->order = order;
    task->faults = spoilt;
    task->price = price;
    task->accepted = now();
    const Task* parent = find_video(order.parent);
    task->footage = parent == nullptr ? std::move(footage) : footage_after(order, *parent);
    if (spoilt.has(Fault::Effect::short_file)) {
        task->footage.takes.resize(1);
        task->footage.takes[0].frames = task->footage.takes[0].rate.frames(1);
    }
    task->footage.sound = task->footage.sound && !spoilt.has(Fault::Effect::silent_film);
    task->print = renders_.order(task->footage);

    by_id_[account.surface + "/" + task->id] = task.get();
    by_video_[task->video_id] = task.get();
    bills_.push_back({number, task->id, order.own_id, account, order.kind, price, task->accepted});
    tasks_.push_back(std::move(task));
    return *tasks_.back();
}

void ServiceState::check_rate(const Account& account)
{
    auto& times = submit_times_[account];
    const auto second_ago = Clock::now() - std::chrono::seconds(1);
    std::erase_if(times, [&](Clock::time_point at) { return at < second_ago; });
    if (settings.rate > 0 && static_cast<double>(times.size()) > settings.rate) {
        throw Refusal(1302, business_code(1302)->meaning);
    }
}

void ServiceState::check_account(const Account& account, const Order& order, double price)
{
    if (!order.own_id.empty() && find(account, order.own_id, true) != nullptr) {
        throw Refusal(1201, "external_task_id: '" + order.own_id + "' is a duplicate; a task with it exists already");
    }
    const auto busy = std::count_if(tasks_.begin(), tasks_.end(), [&](const auto& task) {
        const TaskState phase = phase_of(*task);
        return task->account == account && (phase == TaskState::queued || phase == TaskState::working);
    });
    if (busy >= settings.slots) {
        throw Refusal(1303, business_code(1303)->meaning);
    }
    if (settings.balance && spent_by(account) + price > *settings.balance + 1e-9) {
        throw Refusal(1102, business_code(1102)->meaning);
    }
}

double ServiceState::price_of(const std::string& surface, const Order& order) const
{
    if (order.price) {
        return *order.price;
    }
    if (const Task* parent = find_video(order.parent)) {
        const Model& model = catalog.models.at(parent->order.model);
        return usd_a_second(catalog.provider(surface), model, parent->order.mode, Sound::silent) *
               (model.extend ? model.extend->billed_seconds : 5);
    }
    const Model& model = catalog.models.at(order.model);
    return usd_a_second(catalog.provider(surface), model, order.mode, order.sound) * order.seconds;
}

/// What the provider charges, else the vendor's list, else a guess: here nothing may be free.
double ServiceState::usd_a_second(const ProviderFacts& seller, const Model& model, const std::string& mode,
                                  Sound sound) const
{
    const auto own = catalog.price(seller, model, mode, sound);
    return own ? *own : model.list_price(mode, sound).value_or(0.1);
}

Footage ServiceState::footage_of(const Order& order)
{
    if (!order.film.empty()) {
        const av::MediaInfo info = av::probe(order.film);
        local::TakeSpec take;
        take.size = info.video->size;
        take.rate = info.video->rate;
        take.frames = info.video->frames_claimed;
        return {{take}, order.film, true, 0, 0};
    }
    const Model& model = catalog.models.at(order.model);
    const auto rate = model.fps.find(order.pictures.empty() ? "text" : "image");
    local::TakeSpec take;
    take.size = settings.size.value_or(output_size(order, model, settings.scale));
    take.rate = rate == model.fps.end() ? Rate{24, 1} : rate->second;
    take.frames = frames_for(order.seconds, take.rate);
    take.camera = order.camera;
    take.comes_to_rest = false;
    take.move_seconds = std::max(k_move_seconds, order.seconds);
    take.focus.on = Focus::On::centre; // nobody looks for faces in what only stands in for a film
    take.image = order.pictures.empty() ? pictures.draw(order.prompt, take.size).file : order.pictures.front().file;
    if (order.end) {
        take.end_image = order.end->file;
    }
    return {{take}, {}, order.sound != Sound::silent || model.sound_always, settings.drift, 0};
}

Footage ServiceState::footage_after(const Order& order, const Task& parent) const
{
    Footage film = parent.footage;
    film.sound = order.adds && catalog.models.at(order.model).sound_always;
    if (order.kind == "lip-sync") {
        film.sound = true;
        return film;
    }
    local::TakeSpec take = film.takes.back();
    take.start = local::end_state(take);
    if (take.end_image) {
        take.image = *take.end_image;
        take.end_image.reset();
    }
    take.frames = order.adds ? take.rate.frames(*order.adds) : take.rate.frames(seconds_added(parent.video_id));
    if (order.end) {
        take.end_image = order.end->file;
    }
    if (!settings.cumulative && !order.adds) {
        film.drifted += film.drift * static_cast<double>(film.takes.size());
        film.takes.clear();
    }
    film.takes.push_back(take);
    return film;
}

TaskState ServiceState::phase_of(const Task& task) const
{
    const double age = std::chrono::duration<double>(now() - task.accepted).count();
    if (age < settings.queue_seconds) {
        return TaskState::queued;
    }
    const RenderedFile print = renders_.print(task.print);
    const bool rendered = print.state != RenderedFile::State::waiting;
    if (task.faults.has(Fault::Effect::stuck) || age < settings.queue_seconds + settings.take_seconds || !rendered) {
        return TaskState::working;
    }
    return must_fail(task) || print.state == RenderedFile::State::failed ? TaskState::failed : TaskState::done;
}

Task* ServiceState::find(const Account& account, const std::string& id, bool own_ids)
{
    if (const auto found = by_id_.find(account.surface + "/" + id); found != by_id_.end()) {
        return found->second->account == account ? found->second : nullptr;
    }
    if (!own_ids || id.empty()) {
        return nullptr;
    }
    const auto found = std::find_if(tasks_.begin(), tasks_.end(), [&](const auto& task) {
        return task->account == account && task->order.own_id == id;
    });
    return found == tasks_.end() ? nullptr : found->get();
}

Task* ServiceState::find_video(const std::string& video_id)
{
    const auto found = by_video_.find(video_id);
    return found == by_video_.end() ? nullptr : found->second;
}

const Task* ServiceState::find_video(const std::string& video_id) const
{
    const auto found = by_video_.find(video_id);
    return found == by_video_.end() ? nullptr : found->second;
}

std::string ServiceState::new_id()
{
    next_id_ += 7;
    return std::to_string(next_id_);
}

} // namespace longtake::sandbox
