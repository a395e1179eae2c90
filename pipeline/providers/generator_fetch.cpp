// Of a take that is accepted: looking at its job, fetching its footage, keeping it.
#include "pipeline/providers/generator.h"

#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/secrets.h"
#include "pipeline/providers/backoff.h"
#include "pipeline/providers/verify_footage.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace longtake {
namespace {

using std::chrono::milliseconds;
using FetchClock = std::chrono::steady_clock;

constexpr int k_look_growth = 6;
constexpr int k_unreachable_looks = 12; ///< in a row, before a job is left for another run
constexpr int k_downloads = 3;          ///< of one take, before it is left for another run

std::string charged_text(const std::optional<double>& charged)
{
    return charged ? fmt::format(" (${:.2f} charged)", *charged) : " (it does not say whether it charged for that)";
}

PlannedTake::Kind kind_of(const std::string& text)
{
    using Kind = PlannedTake::Kind;
    for (const Kind kind : std::array{Kind::extend, Kind::chain, Kind::lip_sync}) {
        if (word(kind) == text) {
            return kind;
        }
    }
    return Kind::open;
}

/// What was asked for, as far as checking the footage needs it.
TakeRequest request_of(const TakeRecord& record)
{
    TakeRequest request;
    request.shot = record.shot;
    request.model = record.model;
    request.take.kind = kind_of(record.kind);
    request.take.index = record.index;
    request.take.seconds = record.seconds;
    request.own_id = record.own_id;
    return request;
}

} // namespace

std::optional<Take> Generator::home(const TakeRecord& record) const
{
    if (record.state != TakeState::done) {
        return std::nullopt;
    }
    Take take;
    take.footage = record.footage.at("footage").get<Footage>();
    take.ref = record.footage.at("ref");
    take.fingerprint = record.fingerprint;
    take.reused = true;
    // By its name alone: a working directory can be moved, and one from elsewhere may name any file.
    take.footage.file = settings_.takes / take.footage.file.filename();
    if (!hashes_.holds(take.footage.file, take.footage.sha256)) {
        return std::nullopt;
    }
    return take;
}

void Generator::fetch(const std::string& fingerprint, const Progress& progress, std::stop_token stop)
{
    const InFlightGuard turn(*this, fingerprint, stop);
    const auto record = ledger_.take(fingerprint);
    const auto adopted = settings_.decisions.adopt.find(fingerprint);
    const bool adopts = adopted != settings_.decisions.adopt.end();
    if (!record || !(record->state == TakeState::submitted || (adopts && record->away()))) {
        return;
    }
    PendingTake pending;
    pending.record = *record;
    pending.request = request_of(*record);
    pending.stop = stop;
    pending.resubmits = false;
    pending.slot = enter(stop);
    if (adopts) {
        adopt(pending, adopted->second);
    } else {
        need_same_account(*record);
    }
    finish(pending, progress);
}

/// One look, when it is time for one.
JobState Generator::look(PendingTake& pending)
{
    stop_here(pending.stop);
    looks_.wait(pending.stop);
    stop_here(pending.stop);
    JobState state = provider_.poll({pending.record.job}, pending.stop);
    if (const auto* barred = std::get_if<Barred>(&state)) { // the job goes on; only asking about it does not
        halt(Error(barred->code, redact(barred->reason)));
    }
    return state;
}

void Generator::note_word(PendingTake& pending, const Running& running)
{
    if (!running.word.empty() && pending.words.insert(running.word).second) {
        note(pending, fmt::format("{} calls it '{}', a word not known here; taken for still running", provider_.name(),
                                  running.word));
    }
}

/// Throws where looking on is no use in this run.
void Generator::check_deadlines(PendingTake& pending, const JobState& state, int unreachable)
{
    const TakeRecord& record = pending.record;
    if (unreachable >= k_unreachable_looks) {
        throw Error(Errc::pending,
                    redact(fmt::format("{} cannot be reached ({}); the job {} goes on there, run again to fetch it",
                                       provider_.name(), std::get<Unreachable>(state).reason, record.job)));
    }
    if (std::time(nullptr) - record.submitted > settings_.task_timeout.count() / 1000) {
        throw Error(Errc::pending, fmt::format("job {} is still running on {} after {} min; run again to fetch it",
                                               record.job, provider_.name(), settings_.task_timeout.count() / 60'000));
    }
}

/// Until there is footage, or a refusal after which the same request may be sent once more.
std::variant<Ready, Refused> Generator::wait(PendingTake& pending)
{
    if (pending.ready) {
        return *std::exchange(pending.ready, std::nullopt);
    }
    milliseconds interval = settings_.poll;
    if (std::exchange(pending.fresh, false)) {
        pause(jittered(interval), pending.stop);
    }
    int unreachable = 0;
    std::optional<FetchClock::time_point> missing_since;
    while (true) {
        JobState state = look(pending);
        if (auto* ready = std::get_if<Ready>(&state)) {
            return std::move(*ready);
        }
        if (const auto* refused = std::get_if<Refused>(&state)) {
            refuse(pending, *refused);
            return *refused;
        }
        if (const auto* missing = std::get_if<Missing>(&state)) {
            missing_since = missing_since.value_or(FetchClock::now());
            if (pending.record.state == TakeState::ambiguous ||
                FetchClock::now() - *missing_since >= settings_.missing) {
                give_up_ambiguous(pending, missing->reason);
            }
        } else {
            missing_since.reset();
        }
        if (const auto* running = std::get_if<Running>(&state)) {
            note_word(pending, *running);
            if (pending.record.state == TakeState::ambiguous) { // it is there after all
                put(pending, TakeState::submitted);
            }
        }
        const auto* trouble = std::get_if<Unreachable>(&state);
        unreachable = trouble != nullptr ? unreachable + 1 : 0;
        looks_.hold_for(trouble != nullptr ? trouble->retry_after : milliseconds(0));
        stop_here(pending.stop);
        check_deadlines(pending, state, unreachable);
        pause(jittered(interval), pending.stop);
        interval = std::min(interval + settings_.poll / 2, settings_.poll * k_look_growth);
    }
}

/// Writes a failure down. Throws unless the same request may be sent once more.
void Generator::refuse(PendingTake& pending, const Refused& refused)
{
    TakeRecord& record = pending.record;
    const std::string failed =
        redact(fmt::format("{} failed job {}: {}", provider_.name(), record.job, refused.reason));
    if (record.footage.contains("footage")) { // it was done once, and paid for
        give_up_ambiguous(pending, failed);
    }
    record.state = TakeState::refused;
    record.charged = refused.charged;
    record.message = failed + charged_text(refused.charged);
    if (record.owed()) {
        budget_.settle(record);
        throw Error(Errc::provider, fmt::format("{}; change the shot, or pay again with `{} --resubmit {}`",
                                                record.message, settings_.resume_command, record.name()));
    }
    budget_.release(record);
    if (!refused.worth_retrying || !pending.resubmits) {
        throw Error(Errc::provider, record.message);
    }
}

Take Generator::finish(PendingTake& pending, const Progress& progress)
{
    for (int download = 1;; ++download) {
        const auto outcome = wait(pending);
        if (const auto* refused = std::get_if<Refused>(&outcome)) {
            pending.resubmits = false;
            note(pending, fmt::format("{}; nothing was charged, asking once more", refused->reason));
            renew(pending);
            submit(pending);
            download = 0;
            continue;
        }
        try {
            return keep(std::get<Ready>(outcome), pending, progress);
        } catch (const Error& error) {
            try_download_again(pending, error, download);
        }
    }
}

/// Throws unless another download may help: a broken one, or a damaged file.
void Generator::try_download_again(PendingTake& pending, const Error& error, int downloads)
{
    const bool broke_off = error.code() == Errc::pending;
    if (!broke_off && error.code() != Errc::input) {
        throw error;
    }
    stop_here(pending.stop);
    if (downloads >= k_downloads) {
        const std::string what =
            fmt::format("{}: {}; it is paid for and not lost, run again to fetch it", provider_.name(), error.what());
        if (broke_off) {
            throw Error(Errc::pending, redact(what));
        }
        throw Error(
            Errc::provider,
            redact(fmt::format("{0}. What came is kept in '{1}', and `{2} --accept {3}` takes it as it is; `{2} "
                               "--resubmit {3}` pays for another",
                               what, rejected().string(), settings_.resume_command, pending.record.name())));
    }
    note(pending, fmt::format("{}; fetching it again", error.what()));
    pause(jittered(settings_.poll), pending.stop);
}

/// Footage that failed its check is kept: it is paid for, and its owner may like it all the same.
void Generator::reject(const std::filesystem::path& part, PendingTake& pending, const Error& error)
{
    const std::string name = sha256_of_file(part) + ".mp4";
    std::filesystem::create_directories(rejected());
    commit_file(part, rejected() / name);
    if (!pending.record.footage.contains("footage")) {
        pending.record.footage = {{"rejected", name}};
    }
    put(pending, pending.record.state, error.what());
}

Footage Generator::verified(const std::filesystem::path& part, PendingTake& pending)
{
    try {
        return verify_footage(part, pending.request.take, pending.stop);
    } catch (const Error& error) {
        if (error.code() == Errc::input) {
            reject(part, pending, error);
        }
        throw;
    }
}

Take Generator::keep(const Ready& ready, PendingTake& pending, const Progress& progress)
{
    TakeRecord& record = pending.record;
    std::filesystem::create_directories(settings_.takes);
    // Not a PartFile: what has arrived of a broken download is gone on from, even by another run.
    const std::filesystem::path part = settings_.takes / (record.fingerprint + ".mp4.part");
    provider_.download(ready, part, progress, pending.stop);
    Take take;
    take.footage = verified(part, pending);
    take.ref = ready.ref;
    take.fingerprint = record.fingerprint;
    commit_file(part, settings_.takes / take.footage.file);
    hashes_.keep(settings_.takes / take.footage.file, take.footage.sha256);

    record.charged = ready.charged;
    record.expires = ready.expires;
    record.footage = {{"footage", take.footage}, {"ref", take.ref}};
    record.state = TakeState::done;
    record.message.clear();
    budget_.settle(record);
    take.footage.file = settings_.takes / take.footage.file;
    return take;
}

/// Footage that failed its check, where its owner takes it all the same. It has to be a film, of whatever length.
bool Generator::accept_rejected(PendingTake& pending, Take& take)
{
    TakeRecord& record = pending.record;
    if (!settings_.decisions.accept.contains(record.fingerprint)) {
        return false;
    }
    const std::filesystem::path name = record.footage.is_object() ? record.footage.value("rejected", "") : "";
    const std::filesystem::path file = rejected() / name.filename();
    try {
        take.footage = measured(file, pending.stop);
    } catch (const Error& error) {
        throw Error(Errc::provider,
                    fmt::format("--accept {0}: '{1}' cannot be taken: {2}; `{3} --resubmit {0}` pays for "
                                "another",
                                record.name(), file.string(), error.what(), settings_.resume_command));
    }
    take.ref = {{"task_id", record.job.substr(record.job.find('/') + 1)}};
    take.fingerprint = record.fingerprint;
    std::filesystem::copy_file(file, settings_.takes / take.footage.file,
                               std::filesystem::copy_options::overwrite_existing);
    record.footage = {{"footage", take.footage}, {"ref", take.ref}};
    record.message.clear();
    put(pending, TakeState::done);
    take.footage.file = settings_.takes / take.footage.file;
    return true;
}

/// Sound that was asked for, and is dearer, and did not come.
void Generator::check_sound(const PendingTake& pending, const Take& take) const
{
    const PlannedTake::Kind kind = pending.request.take.kind;
    const bool own_sound = kind == PlannedTake::Kind::open || kind == PlannedTake::Kind::chain;
    if (pending.request.settings.sound && own_sound && !take.footage.sound) {
        note(pending, fmt::format("sound was asked for and is paid for, and {} made none", provider_.name()));
    }
}

} // namespace longtake
