#include "pipeline/providers/camera.h"

#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/secrets.h"
#include "pipeline/providers/examine.h"
#include "pipeline/providers/patience.h"

#include <fmt/format.h>

#include <ctime>
#include <random>

namespace longtake {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int k_poll_growth = 6;
constexpr int k_unreachable_looks = 12; ///< in a row, before a job is left for another run
constexpr int k_downloads = 3;          ///< of one take, before it is left for another run
constexpr int k_unsent_tries = 6;       ///< of a submit that never reached the service
constexpr int k_busy_tries = 15;        ///< of a submit that the service turns away as too fast
constexpr int k_rounds = 3;             ///< of sending and looking up one submit

/// Unique per account even when two working directories ask for the same take.
std::string new_own_id(const std::string& fingerprint)
{
    std::random_device random;
    return fmt::format("lt-{}-{:08x}", fingerprint.substr(0, 16), random());
}

std::string charged_text(const std::optional<double>& charged)
{
    return charged ? fmt::format(" (${:.2f} charged)", *charged) : "";
}

} // namespace

Camera::Camera(Provider& provider, Ledger& ledger, Purse& purse, Settings settings)
    : provider_(provider), ledger_(ledger), purse_(purse), settings_(std::move(settings)), slots_(settings_.concurrency)
{
    std::filesystem::create_directories(settings_.takes);
}

std::string Camera::fingerprint(const TakeRequest& request) const
{
    nlohmann::json whole = {{"provider", provider_.name()}, {"shape", provider_.shape(request)}};
    if (provider_.rehearsal()) {
        whole["rehearsal"] = true; // a sandbox's footage must never pass for the real thing
    }
    return sha256_of(whole.dump());
}

void Camera::note(const Errand& errand, const std::string& text) const
{
    if (settings_.note) {
        settings_.note(errand.request.shot, redact(text));
    }
}

void Camera::put(Errand& errand, TakeState state, const std::string& message)
{
    errand.record.state = state;
    errand.record.message = redact(message);
    ledger_.put(errand.record);
}

void Camera::halt(const Error& error)
{
    {
        const std::lock_guard lock(mutex_);
        if (!halted_) {
            halted_ = error;
        }
    }
    slots_.wake();
    throw error;
}

Slots::Slot Camera::enter(const std::stop_token& stop)
{
    return slots_.enter(stop, [this] {
        const std::lock_guard lock(mutex_);
        return halted_.has_value();
    });
}

void Camera::check_halted()
{
    const std::lock_guard lock(mutex_);
    if (halted_) {
        throw Error(halted_->code(), fmt::format("not asked for, since {}", halted_->what()));
    }
}

class Camera::Turn {
public:
    Turn(Camera& camera, const std::string& fingerprint) : camera_(camera), fingerprint_(fingerprint)
    {
        std::unique_lock lock(camera_.mutex_);
        camera_.turn_over_.wait(lock, [&] { return !camera_.at_work_.contains(fingerprint_); });
        camera_.at_work_.insert(fingerprint_);
    }
    ~Turn()
    {
        const std::lock_guard lock(camera_.mutex_);
        camera_.at_work_.erase(fingerprint_);
        camera_.turn_over_.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    Camera& camera_;
    std::string fingerprint_;
};

std::optional<Take> Camera::known(const TakeRecord& record) const
{
    if (record.state != TakeState::done) {
        return std::nullopt;
    }
    Take take;
    take.footage = record.footage.at("footage").get<Footage>();
    take.ref = record.footage.at("ref");
    take.fingerprint = record.fingerprint;
    take.reused = true;
    take.footage.file = settings_.takes / take.footage.file; // stored relative: a working directory can be moved
    if (!std::filesystem::exists(take.footage.file)) {
        return std::nullopt;
    }
    return take;
}

Take Camera::shoot(const TakeRequest& request, const Progress& progress, std::stop_token stop)
{
    Errand errand;
    errand.request = request;
    errand.stop = stop;
    TakeRecord& record = errand.record;
    record.fingerprint = fingerprint(request);
    record.state = TakeState::waiting;
    const Turn turn(*this, record.fingerprint);
    if (const auto found = ledger_.take(record.fingerprint)) {
        if (auto take = known(*found)) {
            return std::move(*take);
        }
        record = *found;
    }
    stop_here(stop);
    record.shot = request.shot;
    record.index = request.take.index;
    record.kind = word(request.take.kind);
    record.provider = provider_.name();
    record.model = request.model;
    record.estimate = request.take.cost;
    errand.request.own_id = record.own_id;

    errand.slot = enter(stop);
    resolve(errand);
    if (record.state != TakeState::submitted) {
        submit(errand);
    }
    return finish(errand, progress);
}

/// Brings what an earlier run left to either "submitted" or "may be sent".
void Camera::resolve(Errand& errand)
{
    TakeRecord& record = errand.record;
    const auto names_this = [&](const auto& shots) {
        return shots.contains(record.shot) || shots.contains(fmt::format("{}+{}", record.shot, record.index));
    };
    switch (record.state) {
    case TakeState::done: // its file is gone, the service may still have it
        record.state = TakeState::submitted;
        if (names_this(settings_.resubmit)) {
            errand.again = true;
            record.own_id.clear();
            record.footage = nullptr;
            put(errand, TakeState::waiting);
        }
        return;
    case TakeState::intent:
    case TakeState::ambiguous:
        if (names_this(settings_.adopt)) {
            const auto& adopted = settings_.adopt;
            const auto found = adopted.contains(record.shot)
                                   ? adopted.find(record.shot)
                                   : adopted.find(fmt::format("{}+{}", record.shot, record.index));
            accept(errand, {provider_.adopt(errand.request, found->second), std::nullopt});
        } else if (names_this(settings_.resubmit)) {
            errand.again = true;
            record.own_id.clear();
            put(errand, TakeState::waiting);
        } else {
            reconcile(errand);
        }
        return;
    case TakeState::refused:
        if (record.charged.value_or(0) > 0 && !names_this(settings_.resubmit)) {
            throw Error(Errc::provider,
                        fmt::format("{}: {} charged for it all the same; change the shot, or pay again with "
                                    "`{} --resubmit {}`",
                                    record.message, provider_.name(), settings_.again, record.shot));
        }
        errand.again = record.charged.value_or(0) > 0;
        record.own_id.clear();
        record.charged.reset();
        return;
    case TakeState::waiting:
    case TakeState::submitted: return;
    }
}

void Camera::give_up_ambiguous(Errand& errand, const std::string& reason)
{
    const std::string& shot = errand.record.shot;
    put(errand, TakeState::ambiguous, reason);
    throw Error(Errc::provider,
                redact(fmt::format(
                    "ambiguous: {}. {} may be making this take, and billing it. Look for it in the service's own "
                    "task list: if it is there, `{} --adopt {}=TASK` takes it; if it is not, `{} --resubmit {}` "
                    "pays for it again",
                    reason, provider_.name(), settings_.again, shot, settings_.again, shot)));
}

/// A submit may have been accepted: finds out, or gives up. Leaves the take submitted, or free to be sent again under
/// the same own id.
void Camera::reconcile(Errand& errand)
{
    const std::string lost =
        errand.record.message.empty() ? "an earlier run ended while it was being submitted" : errand.record.message;
    if (provider_.lookup(errand.request) == Lookup::none) {
        give_up_ambiguous(errand, lost);
    }
    note(errand, fmt::format("{}; asking {} whether it has it", lost, provider_.name()));
    const auto begun = Clock::now();
    milliseconds interval = settings_.poll;
    Search search;
    while (true) {
        stop_here(errand.stop);
        search = provider_.search(errand.request, errand.stop);
        if (search.reached && search.job) {
            note(errand, fmt::format("{} has it, as {}", provider_.name(), search.job->id));
            accept(errand, {*search.job, std::nullopt});
            return;
        }
        if (Clock::now() - begun >= settings_.reconcile) {
            break;
        }
        pause(interval, errand.stop);
        interval = std::min(interval + settings_.poll / 2, settings_.poll * k_poll_growth);
    }
    if (!search.reached) {
        throw Error(Errc::pending, fmt::format("{}, and {} cannot be asked about it now ({}); run again to go on", lost,
                                               provider_.name(), search.reason));
    }
    if (provider_.lookup(errand.request) != Lookup::proves) {
        give_up_ambiguous(errand, lost + ", and looking for it found nothing, which proves nothing here");
    }
    note(errand, fmt::format("{} does not have it; sending it again under the same id", provider_.name()));
    put(errand, TakeState::waiting, "the service did not get it");
}

void Camera::accept(Errand& errand, const Accepted& accepted)
{
    errand.record.job = accepted.job.id;
    errand.record.submitted = std::time(nullptr);
    errand.ready = accepted.ready;
    put(errand, TakeState::submitted);
}

/// Sends it once and writes down what came of it: submitted, intent (unclear), or turned away for now (returned).
std::optional<Declined> Camera::send(Errand& errand)
{
    TakeRecord& record = errand.record;
    stop_here(errand.stop);
    check_halted();
    if (record.own_id.empty()) {
        record.own_id = new_own_id(record.fingerprint);
        errand.request.own_id = record.own_id;
    }
    try {
        purse_.reserve(record.own_id, record.estimate, errand.again);
    } catch (const Error& error) {
        halt(error);
    }
    put(errand, TakeState::intent);
    Submission submission;
    {
        const LateStop late(errand.stop); // an answer on its way is worth waiting half a second for
        try {
            submission = provider_.submit(errand.request, late.token());
        } catch (const Error& error) { // it cannot even be asked
            purse_.release(record.own_id, record.estimate, errand.again);
            put(errand, TakeState::refused, error.what());
            throw;
        }
    }
    if (const auto* accepted = std::get_if<Accepted>(&submission)) {
        accept(errand, *accepted);
        errand.fresh = true;
    } else if (const auto* unclear = std::get_if<Unclear>(&submission)) {
        put(errand, TakeState::intent, unclear->reason);
    } else if (const auto* duplicate = std::get_if<Duplicate>(&submission)) {
        put(errand, TakeState::intent, duplicate->reason);
    } else {
        const Declined& declined = std::get<Declined>(submission);
        const bool final = declined.then == Declined::Then::give_up;
        purse_.release(record.own_id, record.estimate, errand.again);
        put(errand, final ? TakeState::refused : TakeState::waiting, declined.reason);
        if (final) {
            throw Error(declined.code, redact(declined.reason));
        }
        if (declined.then == Declined::Then::stop) {
            halt(Error(declined.code, redact(declined.reason)));
        }
        return declined;
    }
    return std::nullopt;
}

void Camera::submit(Errand& errand)
{
    const auto begun = Clock::now();
    int tries = 0;
    int rounds = 0;
    while (errand.record.state != TakeState::submitted) {
        if (const auto declined = send(errand)) {
            if (declined->then == Declined::Then::wait_for_slot && Clock::now() - begun > settings_.task_timeout) {
                throw Error(Errc::pending, redact(declined->reason) + "; run again to go on");
            }
            wait_before_next(errand, *declined, ++tries);
        } else if (errand.record.state == TakeState::intent) {
            stop_here(errand.stop);
            if (++rounds > k_rounds) {
                give_up_ambiguous(errand, errand.record.message);
            }
            reconcile(errand);
        }
    }
}

void Camera::wait_before_next(Errand& errand, const Declined& declined, int tries)
{
    if (declined.then == Declined::Then::wait_for_slot) {
        slots_.crowded();
        note(errand,
             fmt::format("{}; waiting for a free place ({} at once from now on)", declined.reason, slots_.limit()));
        errand.slot.leave();
        slots_.wait_for_leaving(settings_.poll * k_poll_growth, errand.stop);
        errand.slot = enter(errand.stop);
        return;
    }
    if (tries >= (declined.reached ? k_busy_tries : k_unsent_tries)) {
        throw Error(Errc::pending, redact(declined.reason) + "; run again to go on");
    }
    const milliseconds wait = backoff(std::min(settings_.poll, milliseconds(1000)), tries);
    note(errand,
         fmt::format("{}; trying again in {:.1f} s", declined.reason, static_cast<double>(wait.count()) / 1000));
    pause(wait, errand.stop);
}

/// Until there is footage, or a refusal after which the same request may be sent once more.
std::variant<Ready, Refused> Camera::wait(Errand& errand)
{
    if (errand.ready) {
        return *std::exchange(errand.ready, std::nullopt);
    }
    milliseconds interval = settings_.poll;
    if (std::exchange(errand.fresh, false)) {
        pause(jittered(interval), errand.stop);
    }
    int unreachable = 0;
    while (true) {
        stop_here(errand.stop);
        JobState state = provider_.poll({errand.record.job}, errand.stop);
        if (auto* ready = std::get_if<Ready>(&state)) {
            return std::move(*ready);
        }
        if (const auto* refused = std::get_if<Refused>(&state)) {
            refuse(errand, *refused);
            return *refused;
        }
        if (const auto* barred = std::get_if<Barred>(&state)) { // the job goes on; only asking about it does not
            halt(Error(barred->code, redact(barred->reason)));
        }
        if (const auto* missing = std::get_if<Missing>(&state)) {
            give_up_ambiguous(errand, missing->reason);
        }
        const auto* trouble = std::get_if<Unreachable>(&state);
        unreachable = trouble != nullptr ? unreachable + 1 : 0;
        stop_here(errand.stop);
        if (unreachable >= k_unreachable_looks) {
            throw Error(Errc::pending,
                        redact(fmt::format("{} cannot be reached ({}); the job {} goes on there, run again to "
                                           "fetch it",
                                           provider_.name(), trouble->reason, errand.record.job)));
        }
        if (std::time(nullptr) - errand.record.submitted > settings_.task_timeout.count() / 1000) {
            throw Error(Errc::pending,
                        fmt::format("job {} is still running on {} after {} min; run again to fetch it",
                                    errand.record.job, provider_.name(), settings_.task_timeout.count() / 60'000));
        }
        pause(jittered(interval), errand.stop);
        interval = std::min(interval + settings_.poll / 2, settings_.poll * k_poll_growth);
    }
}

/// Writes a refusal down. Throws unless the same request may be sent once more.
void Camera::refuse(Errand& errand, const Refused& refused)
{
    TakeRecord& record = errand.record;
    const Error error(Errc::provider, redact(fmt::format("{} failed job {}: {}{}", provider_.name(), record.job,
                                                         refused.reason, charged_text(refused.charged))));
    if (!record.footage.is_null()) { // it was done once, and paid for
        put(errand, TakeState::done);
        throw Error(Errc::provider,
                    fmt::format("the file of this take is gone from '{}', and {}; `{} --resubmit {}` pays for "
                                "it again",
                                settings_.takes.string(), error.what(), settings_.again, record.shot));
    }
    record.charged = refused.charged;
    put(errand, TakeState::refused, error.what());
    const bool free = refused.charged == 0.0;
    purse_.settle(record.own_id, refused.charged);
    if (!refused.worth_retrying || !free) {
        throw error;
    }
    purse_.release(record.own_id, record.estimate, errand.again);
}

Take Camera::finish(Errand& errand, const Progress& progress)
{
    bool asked_again = false;
    for (int download = 1;; ++download) {
        const auto outcome = wait(errand);
        if (const auto* refused = std::get_if<Refused>(&outcome)) {
            if (std::exchange(asked_again, true)) {
                throw Error(Errc::provider, errand.record.message);
            }
            note(errand, fmt::format("{}; nothing was charged, asking once more", refused->reason));
            errand.record.own_id.clear();
            submit(errand);
            download = 0;
            continue;
        }
        try {
            return keep(std::get<Ready>(outcome), errand, progress);
        } catch (const Error& error) {
            try_download_again(errand, error, download);
        }
    }
}

/// Throws unless another download may help: a broken one, or a damaged file.
void Camera::try_download_again(Errand& errand, const Error& error, int downloads)
{
    const bool broke_off = error.code() == Errc::pending;
    if (!broke_off && error.code() != Errc::input) {
        throw error;
    }
    stop_here(errand.stop);
    if (downloads >= k_downloads) {
        throw Error(broke_off ? Errc::pending : Errc::provider,
                    redact(fmt::format("{}: {}; it is paid for and not lost, run again to fetch it", provider_.name(),
                                       error.what())));
    }
    note(errand, fmt::format("{}; fetching it again", error.what()));
    pause(jittered(settings_.poll), errand.stop);
}

Take Camera::keep(const Ready& ready, Errand& errand, const Progress& progress)
{
    TakeRecord& record = errand.record;
    // Not a PartFile: what has arrived of a broken download is gone on from, even by another run.
    const std::filesystem::path part = settings_.takes / (record.fingerprint + ".mp4.part");
    provider_.download(ready, part, progress, errand.stop);
    Take take;
    try {
        take.footage = examine(part, errand.request.take, errand.stop);
    } catch (const Error& error) {
        if (error.code() == Errc::input) {
            std::filesystem::remove(part);
        }
        throw;
    }
    take.ref = ready.ref;
    take.fingerprint = record.fingerprint;
    commit_file(part, settings_.takes / take.footage.file);

    record.charged = ready.charged;
    record.expires = ready.expires;
    record.footage = {{"footage", take.footage}, {"ref", take.ref}};
    put(errand, TakeState::done);
    purse_.settle(record.own_id, ready.charged);
    take.footage.file = settings_.takes / take.footage.file;
    return take;
}

} // namespace longtake
