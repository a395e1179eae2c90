#include "pipeline/providers/budget.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

[[noreturn]] void refuse_unknown_price(const char* cap)
{
    throw Error(Errc::budget,
                fmt::format("the price of this take is unknown, so {} cannot be kept; `longtake plan` names "
                            "it, providers.<name>.prices takes it. Nothing was sent",
                            cap));
}

} // namespace

Budget::Budget(Settings settings, Ledger& ledger) : settings_(std::move(settings)), ledger_(ledger)
{
    if (!settings_.paid || ledger_.spans_machines()) { // which counts the days of its accounts itself
        return;
    }
    if (settings_.spending.empty()) {
        if (settings_.daily_cap) {
            throw Error(Errc::budget,
                        "the daily cap cannot be kept: there is no place for the file in which all runs count "
                        "their spending; set XDG_STATE_HOME or HOME. Nothing was sent");
        }
        return;
    }
    try {
        spending_ = std::make_unique<Spending>(settings_.spending);
    } catch (const Error& error) {
        if (settings_.daily_cap) {
            throw Error(Errc::budget, std::string("the daily cap cannot be kept: ") + error.what());
        }
    }
}

void Budget::balance_books()
{
    if (!spending_) {
        return;
    }
    const std::vector<TakeRecord> takes = ledger_.takes();
    int unknown = 0;
    for (const Spending::Reservation& reservation : spending_->of(ledger_.id())) {
        const bool written = std::any_of(takes.begin(), takes.end(),
                                         [&](const TakeRecord& take) { return take.own_id == reservation.id; });
        if (const auto paid = ledger_.payment(reservation.id)) {
            if (!reservation.sent) {
                spending_->mark_sent(reservation.id);
            }
            if (*paid != reservation.amount) {
                spending_->settle(reservation.id, *paid);
            }
        } else if (written || !reservation.sent) {
            spending_->release(reservation.id);
        } else {
            ++unknown;
        }
    }
    if (unknown > 0) {
        throw Error(
            Errc::input,
            fmt::format("this working directory's ledger is older than the file in which all runs count their "
                        "spending ('{}'): {} submits that were sent from here are not in it. Put the newest "
                        "ledger.db back; or move the folder away and begin anew, which pays for everything again. "
                        "Nothing was sent",
                        settings_.spending.string(), unknown));
    }
}

void Budget::need_consent()
{
    if (!consent_) {
        consent_ = settings_.consent && settings_.consent();
    }
    if (!*consent_) {
        throw Error(Errc::budget,
                    "this storyboard is paid for; look at `longtake plan`, then add --yes. Nothing was sent");
    }
}

void Budget::need_price(const TakeRecord& take) const
{
    if (!take.estimate && settings_.daily_cap) {
        refuse_unknown_price("the daily cap");
    }
    if (!take.estimate && settings_.max_cost) {
        refuse_unknown_price("--max-cost");
    }
}

void Budget::refuse_day(const TakeRecord& take, double today) const
{
    throw Error(Errc::budget, fmt::format("this take (${:.2f}) would bring today's ${:.2f} on {} over the daily cap of "
                                          "${:.2f}; nothing was sent. Run again tomorrow (UTC), or raise "
                                          "providers.<name>.daily_cap",
                                          take.estimate.value_or(0), today, settings_.account, *settings_.daily_cap));
}

void Budget::refuse(const TakeRecord& take, const Admission& admission) const
{
    if (admission.verdict == Admission::Verdict::over_day) {
        refuse_day(take, admission.day);
    }
    throw Error(Errc::budget,
                fmt::format("with this take (${:.2f}) the film costs ${:.2f}, over --max-cost {:.2f}: "
                            "${:.2f} are paid or reserved already; nothing was sent",
                            *take.estimate, admission.film + *take.estimate, *settings_.max_cost, admission.film));
}

/// In the book of the machine, where the ledger does not count days.
void Budget::reserve(const TakeRecord& take)
{
    const double cost = take.estimate.value_or(0);
    if (spending_ && !spending_->reserve(take.own_id, settings_.account, cost, settings_.daily_cap, ledger_.id())) {
        refuse_day(take, spending_->today(settings_.account));
    }
}

Caps Budget::caps() const
{
    Caps caps;
    caps.film = settings_.max_cost;
    if (ledger_.spans_machines()) {
        caps.day_account = settings_.account;
        caps.day = settings_.daily_cap;
        caps.submit_lasts = settings_.submit_lasts;
    }
    caps.places = settings_.places;
    caps.place_lasts = settings_.place_lasts;
    return caps;
}

bool Budget::intend(TakeRecord& take)
{
    if (!settings_.paid) {
        ledger_.put(take, Payment::unchanged);
        return true;
    }
    {
        const std::lock_guard lock(mutex_); // asked once
        need_consent();
    }
    need_price(take);
    reserve(take);
    try {
        const Admission admission = ledger_.intend(take, caps());
        if (admission.verdict != Admission::Verdict::admitted) {
            in_spending([&](Spending& spending) { spending.release(take.own_id); });
            if (admission.verdict != Admission::Verdict::no_place) {
                refuse(take, admission);
            }
            return false;
        }
        take.deadline = admission.deadline;
        if (spending_) {
            spending_->mark_sent(take.own_id);
        }
        return true;
    } catch (const Error& error) { // nothing has left: as if it had not been tried, as far as that can be written down
        if (error.code() != Errc::budget) {
            TakeRecord unsent = take;
            unsent.state = TakeState::waiting;
            release_quietly(unsent);
        }
        throw;
    }
}

void Budget::lower_places(const TakeRecord& take)
{
    if (settings_.places > 0) {
        ledger_.lower_places(take.account);
    }
}

void Budget::release_quietly(const TakeRecord& take) noexcept
{
    try {
        release(take);
    } catch (const std::exception&) { // the next start finds what is left
    }
}

void Budget::settle(const TakeRecord& take)
{
    ledger_.put(take, settings_.paid ? Payment::charged : Payment::unchanged);
    if (take.charged) {
        in_spending([&](Spending& spending) { spending.settle(take.own_id, *take.charged); });
    }
}

void Budget::release(const TakeRecord& take)
{
    ledger_.put(take, settings_.paid ? Payment::released : Payment::unchanged);
    in_spending([&](Spending& spending) { spending.release(take.own_id); });
}

/// A change of the shared file that may fail: the take's own book has it, and the next start balances the two.
template <class Work>
void Budget::in_spending(Work&& work)
{
    try {
        if (spending_) {
            work(*spending_);
        }
    } catch (const Error&) {
        // balance_books() makes up for it
    }
}

} // namespace longtake
