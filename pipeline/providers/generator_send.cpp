// Of a take that is to be submitted: its intent, the one submit, what the service said to it.
#include "pipeline/base/secrets.h"
#include "pipeline/providers/backoff.h"
#include "pipeline/providers/generator.h"

#include <fmt/format.h>

#include <ctime>
#include <random>

namespace longtake {
namespace {

using std::chrono::milliseconds;
using SendClock = std::chrono::steady_clock;

constexpr int k_place_growth = 6; ///< of the interval, at most, while waiting for a free place
constexpr int k_unsent_tries = 6; ///< of a submit that never reached the service
constexpr int k_busy_tries = 15;  ///< of a submit that the service turns away as too fast
constexpr int k_rounds = 3;       ///< of sending and looking up one submit
constexpr int k_late_share = 4;   ///< of its time: a submit that is not under way by then is not sent
constexpr int k_ledger_tries = 5; ///< of writing down what a service accepted

/// Unique per account even when two working directories ask for the same take.
std::string new_own_id(const std::string& fingerprint)
{
    std::random_device random;
    return fmt::format("lt-{}-{:08x}", fingerprint.substr(0, 16), random());
}

} // namespace

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

/// Writes an intent down, as soon as the account has a place free for it. From its commit on the submit may be sent, if
/// that is soon: whoever finds the intent later goes by its deadline.
void Generator::intend(PendingTake& pending)
{
    TakeRecord& record = pending.record;
    hashes_.need_store();
    const auto asked = SendClock::now();
    while (true) {
        const auto began = SendClock::now();
        bool admitted = false;
        try {
            admitted = budget_.intend(record);
        } catch (const Error& error) {
            halt(error);
        }
        if (!admitted) {
            wait_for_place(pending, asked);
            continue;
        }
        {
            const std::lock_guard lock(mutex_);
            sent_.insert(record.own_id);
        }
        if (record.deadline == 0 || SendClock::now() - began < settings_.submit_timeout / k_late_share) {
            return;
        }
        record.state = TakeState::waiting; // it slept on the way, and the deadline may be near: not sent
        budget_.release(record);
        record.state = TakeState::intent;
    }
}

/// The account's places are taken, by whichever process. Others of this one may go on meanwhile.
void Generator::wait_for_place(PendingTake& pending, SendClock::time_point asked)
{
    const auto patience = settings_.place_patience;
    if (patience.count() > 0 && SendClock::now() - asked > patience) {
        throw Error(Errc::pending,
                    fmt::format("{} has no place free for another take; run again to go on", provider_.name()));
    }
    if (pending.words.insert("no place").second) {
        note(pending, fmt::format("{} has no place free for another take; waiting for one", provider_.name()));
    }
    pending.slot.leave();
    pause(jittered(settings_.poll), pending.stop);
    pending.slot = enter(pending.stop);
    stop_here(pending.stop);
    check_halted();
}

/// Sends it once and writes down what came of it: submitted, intent (unclear), or turned away for now (returned).
std::optional<Declined> Generator::send(PendingTake& pending)
{
    TakeRecord& record = pending.record;
    if (settings_.pause) {
        settings_.pause();
    }
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
    intend(pending);
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
    const auto begun = SendClock::now();
    int tries = 0;
    int rounds = 0;
    while (pending.record.state != TakeState::submitted) {
        if (const auto declined = send(pending)) {
            if (declined->then == Declined::Then::wait_for_slot && SendClock::now() - begun > settings_.task_timeout) {
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
        budget_.lower_places(pending.record);
        note(pending, fmt::format("{}; waiting for a free place ({} at once from now on)", declined.reason,
                                  limit_of_takes_.limit()));
        pending.slot.leave();
        limit_of_takes_.wait_for_leaving(settings_.poll * k_place_growth, pending.stop);
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
