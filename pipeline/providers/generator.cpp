#include "pipeline/providers/generator.h"

#include "pipeline/base/hash.h"
#include "pipeline/base/secrets.h"
#include "pipeline/providers/backoff.h"

#include <fmt/format.h>

#include <ctime>
#include <random>

namespace longtake {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int k_poll_growth = 6;
constexpr int k_unsent_tries = 6; ///< of a submit that never reached the service
constexpr int k_busy_tries = 15;  ///< of a submit that the service turns away as too fast
constexpr int k_rounds = 3;       ///< of sending and looking up one submit
constexpr int k_adopt_looks = 3;  ///< at a task the user names, before it is taken for a slip
constexpr int k_ledger_tries = 5; ///< of writing down what a service accepted

/// Unique per account even when two working directories ask for the same take.
std::string new_own_id(const std::string& fingerprint)
{
    std::random_device random;
    return fmt::format("lt-{}-{:08x}", fingerprint.substr(0, 16), random());
}

constexpr std::size_t k_hash_digits = 12;

/// Whose a take is: the address and the key of Provider::account(), each hashed with the ledger's salt.
std::string hashed_account(const std::string& account, const std::string& salt)
{
    if (account.empty()) {
        return {};
    }
    const std::size_t line = account.find('\n');
    const auto part = [&](const std::string& text) { return sha256_of(salt + text).substr(0, k_hash_digits); };
    return part(account.substr(0, line)) + "." + part(account.substr(line + 1));
}

/// Which half of two accounts is not the same.
std::string difference(const std::string& theirs, const std::string& ours)
{
    const bool address = theirs.substr(0, k_hash_digits) == ours.substr(0, k_hash_digits);
    return address ? "another key" : "another address (base URL)";
}

} // namespace

Generator::Generator(Provider& provider, Ledger& ledger, FileHashes& hashes, Budget& budget, Settings settings)
    : provider_(provider), ledger_(ledger), hashes_(hashes), budget_(budget), settings_(std::move(settings)),
      account_(settings_.account.empty() ? hashed_account(provider.account(), ledger.salt()) : settings_.account),
      limit_of_takes_(settings_.concurrency)
{
}

std::string Generator::fingerprint(const TakeRequest& request) const
{
    nlohmann::json whole = {{"provider", provider_.name()}, {"shape", provider_.shape(request)}};
    if (provider_.rehearsal()) { // a sandbox's footage must never pass for the real thing, nor one sandbox for another
        whole["rehearsal"] = settings_.account.empty() ? nlohmann::json(true) : nlohmann::json(settings_.account);
    }
    return sha256_of(whole.dump());
}

bool Generator::serves(const TakeRecord& record) const
{
    const bool thrown_away = !settings_.account.empty();
    return record.provider == provider_.name() && record.rehearsal == provider_.rehearsal() &&
           (!thrown_away || record.account == settings_.account);
}

void Generator::need_same_account(const TakeRecord& record) const
{
    const Decisions& decisions = settings_.decisions;
    if (record.account.empty() || record.account == account_ || decisions.adopt.contains(record.fingerprint) ||
        decisions.resubmit.contains(record.fingerprint)) {
        return;
    }
    const std::string job = record.job.empty() ? "TASK" : record.job;
    throw Error(
        Errc::credentials,
        fmt::format("take '{0}' was submitted to {1} with {2} than now, and is paid for there; put that back to "
                    "fetch it. If this is the same account, `{3} --adopt {0}={4}` fetches it; `{3} --resubmit {0}` "
                    "pays for it again. Nothing was sent",
                    record.name(), provider_.name(), difference(record.account, account_), settings_.resume_command,
                    job));
}

void Generator::note(const PendingTake& pending, const std::string& text) const
{
    if (settings_.note) {
        settings_.note(pending.request.shot, redact(text));
    }
}

std::string Generator::ways_on(const TakeRecord& record) const
{
    return fmt::format(
        "`{0} --adopt {1}=TASK` takes a task that you find there, `{0} --resubmit {1}` pays for it again",
        settings_.resume_command, record.name());
}

void Generator::put(PendingTake& pending, TakeState state, const std::string& message)
{
    pending.record.state = state;
    pending.record.message = redact(message);
    ledger_.put(pending.record, Payment::unchanged);
}

void Generator::halt(const Error& error)
{
    {
        const std::lock_guard lock(mutex_);
        if (!halted_) {
            halted_ = error;
        }
    }
    limit_of_takes_.wake();
    throw error;
}

ConcurrencyLimit::Slot Generator::enter(const std::stop_token& stop)
{
    return limit_of_takes_.enter(stop, [this] {
        const std::lock_guard lock(mutex_);
        return halted_.has_value();
    });
}

void Generator::check_halted()
{
    const std::lock_guard lock(mutex_);
    if (halted_) {
        throw Error(halted_->code(), fmt::format("not asked for, since {}", halted_->what()));
    }
}

bool Generator::asked_for(const std::string& fingerprint)
{
    const std::lock_guard lock(mutex_);
    return asked_.contains(fingerprint);
}

double Generator::paid()
{
    const std::lock_guard lock(mutex_);
    double sum = 0;
    for (const std::string& own_id : sent_) {
        sum += ledger_.payment(own_id).value_or(0);
    }
    return sum;
}

Take Generator::shoot(const TakeRequest& request, const Progress& progress, std::stop_token stop)
{
    PendingTake pending;
    pending.request = request;
    pending.stop = stop;
    TakeRecord& record = pending.record;
    record.fingerprint = fingerprint(request);
    record.state = TakeState::waiting;
    const InFlightGuard turn(*this, record.fingerprint, stop);
    {
        const std::lock_guard lock(mutex_);
        asked_.insert(record.fingerprint);
    }
    if (const auto found = ledger_.take(record.fingerprint)) {
        if (auto take = home(*found)) {
            check_sound(pending, *take);
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
    record.seconds = request.take.seconds;
    record.estimate = request.take.cost;
    pending.request.own_id = record.own_id;

    if (Take take; accept_rejected(pending, take)) {
        return take;
    }
    pending.slot = enter(stop);
    resolve(pending);
    if (record.state == TakeState::waiting) {
        submit(pending);
    }
    Take take = finish(pending, progress);
    check_sound(pending, take);
    return take;
}

/// Brings what an earlier run left to "may be sent" (waiting) or to a job that is looked at.
void Generator::resolve(PendingTake& pending)
{
    TakeRecord& record = pending.record;
    if (settings_.decisions.resubmit.contains(record.fingerprint)) {
        renew(pending);
        return;
    }
    if (const auto task = settings_.decisions.adopt.find(record.fingerprint); task != settings_.decisions.adopt.end()) {
        adopt(pending, task->second);
        return;
    }
    switch (record.state) {
    case TakeState::waiting: return;
    case TakeState::refused:
        if (record.owed()) {
            throw Error(Errc::provider, fmt::format("{}; change the shot, or pay again with `{} --resubmit {}`",
                                                    record.message, settings_.resume_command, record.name()));
        }
        renew(pending);
        return;
    case TakeState::done: // its file is not there, or is another; the service may still have it
        need_same_account(record);
        record.state = TakeState::submitted;
        return;
    case TakeState::submitted: need_same_account(record); return;
    case TakeState::intent:
    case TakeState::ambiguous:
        need_same_account(record);
        if (record.job.empty()) {
            reconcile(pending);
        }
        return;
    }
}

/// Another submit of the same take. What was before stays in the ledger until its intent is written.
void Generator::renew(PendingTake& pending)
{
    TakeRecord& record = pending.record;
    record.state = TakeState::waiting;
    record.own_id.clear();
    record.job.clear();
    record.message.clear();
    record.charged.reset();
    record.footage = nullptr;
}

/// A task the user found: taken only if the service knows it, so that a slip loses nothing.
void Generator::adopt(PendingTake& pending, const std::string& task)
{
    const Job job = provider_.adopt(pending.request, task);
    const std::string what = fmt::format("--adopt {}={}", pending.record.name(), task);
    JobState state = first_word(pending, job);
    if (const auto* missing = std::get_if<Missing>(&state)) {
        throw Error(Errc::provider, redact(fmt::format("{}: {} knows no such task ({}); the take stays as it was", what,
                                                       provider_.name(), missing->reason)));
    }
    if (const auto* trouble = std::get_if<Unreachable>(&state)) {
        throw Error(Errc::pending,
                    redact(fmt::format("{}: {} cannot be asked about it now ({}); the take stays as it was, "
                                       "run again",
                                       what, provider_.name(), trouble->reason)));
    }
    accept(pending, {job, std::nullopt});
    if (auto* ready = std::get_if<Ready>(&state)) {
        pending.ready = std::move(*ready);
    }
}

/// What a service says of a task, looked at a few times where it does not know it at once.
JobState Generator::first_word(PendingTake& pending, const Job& job)
{
    for (int looks = 1;; ++looks) {
        stop_here(pending.stop);
        looks_.wait(pending.stop);
        JobState state = provider_.poll(job, pending.stop);
        if (const auto* barred = std::get_if<Barred>(&state)) {
            halt(Error(barred->code, redact(barred->reason)));
        }
        const bool unsure = std::holds_alternative<Missing>(state) || std::holds_alternative<Unreachable>(state);
        if (!unsure || looks == k_adopt_looks) {
            return state;
        }
        pause(jittered(settings_.poll), pending.stop);
    }
}

void Generator::give_up_ambiguous(PendingTake& pending, const std::string& reason)
{
    TakeRecord& record = pending.record;
    if (record.footage.contains("footage")) { // it was here once, and is paid for: its file may come back
        put(pending, TakeState::done);
        throw Error(Errc::provider,
                    redact(fmt::format(
                        "the file of this take is gone from '{}', or is not the one that was fetched, and {} does "
                        "not give it again: {}. `{} --resubmit {}` pays for it again",
                        settings_.takes.string(), provider_.name(), reason, settings_.resume_command, record.name())));
    }
    put(pending, TakeState::ambiguous, reason);
    const std::string job = record.job.empty() ? "" : fmt::format(" It was accepted as job {}.", record.job);
    throw Error(Errc::provider,
                redact(fmt::format("ambiguous: {}. {} may be making this take, and billing it.{} Look for it in "
                                   "the service's own task list: {}",
                                   reason, provider_.name(), job, ways_on(record))));
}

/// A submit may have been accepted: finds out, or gives up. Leaves the take submitted, or free to be sent again under
/// the same own id.
void Generator::reconcile(PendingTake& pending)
{
    const bool was_ambiguous = pending.record.state == TakeState::ambiguous;
    const std::string lost =
        pending.record.message.empty() ? "an earlier run ended while it was being submitted" : pending.record.message;
    if (provider_.lookup(pending.request) == Lookup::none) {
        give_up_ambiguous(pending, lost);
    }
    note(pending, fmt::format("{}; asking {} whether it has it", lost, provider_.name()));
    const auto begun = Clock::now();
    milliseconds interval = settings_.poll;
    Search search;
    while (true) {
        stop_here(pending.stop);
        looks_.wait(pending.stop);
        search = provider_.search(pending.request, pending.stop);
        if (search.reached && search.job) {
            note(pending, fmt::format("{} has it, as {}", provider_.name(), search.job->id));
            accept(pending, {*search.job, std::nullopt});
            return;
        }
        if (Clock::now() - begun >= settings_.reconcile) {
            break;
        }
        pause(std::max(interval, search.retry_after), pending.stop);
        interval = std::min(interval + settings_.poll / 2, settings_.poll * k_poll_growth);
    }
    if (!search.reached) {
        throw Error(Errc::pending, fmt::format("{}, and {} cannot be asked about it now ({}); run again to go on", lost,
                                               provider_.name(), search.reason));
    }
    if (was_ambiguous) {
        give_up_ambiguous(pending, lost);
    }
    if (provider_.lookup(pending.request) != Lookup::proves) {
        give_up_ambiguous(pending, lost + ", and looking for it found nothing, which proves nothing here");
    }
    note(pending, fmt::format("{} does not have it; sending it again under the same id", provider_.name()));
    pending.record.state = TakeState::waiting;
    pending.record.message = "the service did not get it";
    budget_.release(pending.record);
}

/// Writes down what the service accepted, which is paid for from here on; tries hard.
void Generator::accept(PendingTake& pending, const Accepted& accepted)
{
    TakeRecord& record = pending.record;
    record.job = accepted.job.id;
    record.submitted = std::time(nullptr);
    record.account = account_;
    record.rehearsal = provider_.rehearsal();
    pending.ready = accepted.ready;
    for (int tries = 1;; ++tries) {
        try {
            put(pending, TakeState::submitted);
            return;
        } catch (const Error& error) {
            if (error.code() != Errc::storage || tries == k_ledger_tries) {
                throw Error(error.code(),
                            redact(fmt::format(
                                "{0} accepted take '{1}' as job {2}, and this cannot be written down: {3}. Make "
                                "room; then `{4} --adopt {1}={2}` fetches it",
                                provider_.name(), record.name(), record.job, error.what(), settings_.resume_command)));
            }
        }
        pause(backoff(settings_.backoff, tries), pending.stop);
    }
}

/// Sends it once and writes down what came of it: submitted, intent (unclear), or turned away for now (returned).
std::optional<Declined> Generator::send(PendingTake& pending)
{
    TakeRecord& record = pending.record;
    submits_.wait(pending.stop);
    stop_here(pending.stop);
    check_halted();
    if (record.own_id.empty()) {
        record.own_id = new_own_id(record.fingerprint);
        pending.request.own_id = record.own_id;
    }
    record.state = TakeState::intent;
    record.message.clear();
    record.account = account_;
    record.rehearsal = provider_.rehearsal();
    try {
        budget_.intend(record);
        const std::lock_guard lock(mutex_);
        sent_.insert(record.own_id);
    } catch (const Error& error) {
        halt(error);
    }
    Submission submission;
    {
        const DelayedStop late(pending.stop); // an answer on its way is worth waiting half a second for
        try {
            submission = provider_.submit(pending.request, late.token());
        } catch (const Error& error) { // it cannot even be asked
            record.state = TakeState::refused;
            record.message = redact(error.what());
            budget_.release(record);
            throw;
        }
    }
    if (const auto* accepted = std::get_if<Accepted>(&submission)) {
        submits_.went_well();
        accept(pending, *accepted);
        pending.fresh = true;
    } else if (const auto* unclear = std::get_if<Unclear>(&submission)) {
        put(pending, TakeState::intent, unclear->reason);
    } else if (const auto* duplicate = std::get_if<Duplicate>(&submission)) { // which is never sent again, found or not
        put(pending, TakeState::ambiguous, "the service refuses it as one it has already: " + duplicate->reason);
    } else {
        decline(pending, std::get<Declined>(submission));
        return std::get<Declined>(submission);
    }
    return std::nullopt;
}

/// The service said no, and nothing is owed. Throws unless the same may be asked again.
void Generator::decline(PendingTake& pending, const Declined& declined)
{
    TakeRecord& record = pending.record;
    const bool final = declined.then == Declined::Then::give_up;
    record.state = final ? TakeState::refused : TakeState::waiting;
    record.message = redact(declined.reason);
    budget_.release(record);
    if (final) {
        throw Error(declined.code, record.message);
    }
    if (declined.then == Declined::Then::stop) {
        halt(Error(declined.code, record.message));
    }
}

void Generator::submit(PendingTake& pending)
{
    const auto begun = Clock::now();
    int tries = 0;
    int rounds = 0;
    while (pending.record.state != TakeState::submitted) {
        if (const auto declined = send(pending)) {
            if (declined->then == Declined::Then::wait_for_slot && Clock::now() - begun > settings_.task_timeout) {
                throw Error(Errc::pending, redact(declined->reason) + "; run again to go on");
            }
            wait_before_next(pending, *declined, ++tries);
        } else if (pending.record.state != TakeState::submitted) {
            stop_here(pending.stop);
            if (++rounds > k_rounds) {
                give_up_ambiguous(pending, pending.record.message);
            }
            reconcile(pending);
        }
    }
}

void Generator::wait_before_next(PendingTake& pending, const Declined& declined, int tries)
{
    looks_.hold_for(declined.retry_after);
    if (declined.then == Declined::Then::wait_for_slot) {
        limit_of_takes_.lower();
        note(pending, fmt::format("{}; waiting for a free place ({} at once from now on)", declined.reason,
                                  limit_of_takes_.limit()));
        pending.slot.leave();
        limit_of_takes_.wait_for_leaving(settings_.poll * k_poll_growth, pending.stop);
        pending.slot = enter(pending.stop);
        return;
    }
    if (tries >= (declined.reached ? k_busy_tries : k_unsent_tries)) {
        throw Error(Errc::pending, redact(declined.reason) + "; run again to go on");
    }
    const milliseconds wait = std::max(backoff(settings_.backoff, tries), declined.retry_after);
    note(pending,
         fmt::format("{}; trying again in {:.1f} s", declined.reason, static_cast<double>(wait.count()) / 1000));
    submits_.hold(wait);
}

} // namespace longtake
