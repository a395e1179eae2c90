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
constexpr int k_adopt_looks = 3; ///< at a task the user names, before it is taken for a slip

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

std::set<std::string> Generator::asked_for()
{
    const std::lock_guard lock(mutex_);
    return asked_;
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

/// Until whoever wrote an intent has given up sending it, by the clock of the ledger they share.
milliseconds Generator::time_to_deadline(const TakeRecord& record)
{
    if (record.deadline == 0) {
        return milliseconds(0);
    }
    return std::max(milliseconds(0), milliseconds(std::chrono::seconds(record.deadline - ledger_.now())));
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
    const milliseconds patience = settings_.reconcile + time_to_deadline(pending.record);
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
        if (Clock::now() - begun >= patience) {
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

} // namespace longtake
