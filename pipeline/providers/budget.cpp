#include "pipeline/providers/budget.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

constexpr double k_hair = 1e-9; ///< USD: sums of doubles

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
    if (!settings_.paid) {
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

void Budget::check_caps(const TakeRecord& take)
{
    const auto& cost = take.estimate;
    if (settings_.daily_cap && !cost) {
        refuse_unknown_price("the daily cap");
    }
    if (!settings_.max_cost) {
        return;
    }
    if (!cost) {
        refuse_unknown_price("--max-cost");
    }
    const double spent = ledger_.spent(take.rehearsal) - ledger_.payment(take.own_id).value_or(0);
    if (spent + *cost > *settings_.max_cost + k_hair) {
        throw Error(Errc::budget,
                    fmt::format("with this take (${:.2f}) the film costs ${:.2f}, over --max-cost {:.2f}: "
                                "${:.2f} are paid or reserved already; nothing was sent",
                                *cost, spent + *cost, *settings_.max_cost, spent));
    }
}

void Budget::reserve(const TakeRecord& take)
{
    const double cost = take.estimate.value_or(0);
    if (spending_ && !spending_->reserve(take.own_id, settings_.account, cost, settings_.daily_cap, ledger_.id())) {
        throw Error(
            Errc::budget,
            fmt::format("this take (${:.2f}) would bring today's ${:.2f} on {} over the daily cap of ${:.2f}; nothing "
                        "was sent. Run again tomorrow (UTC), or raise providers.<name>.daily_cap",
                        cost, spending_->today(settings_.account), settings_.account, *settings_.daily_cap));
    }
}

void Budget::intend(const TakeRecord& take)
{
    if (!settings_.paid) {
        ledger_.put(take, Payment::unchanged);
        return;
    }
    const std::lock_guard lock(mutex_); // no other intent between the sum and its being written down
    const auto turn =
        settings_.lock.empty() ? nullptr : FileLock::in_turn(settings_.lock); // of another process neither
    need_consent();
    check_caps(take);
    reserve(take);
    try {
        ledger_.put(take, Payment::reserved);
        if (spending_) {
            spending_->mark_sent(take.own_id);
        }
    } catch (const Error&) { // nothing has left: as if it had not been tried, as far as that can be written down
        TakeRecord unsent = take;
        unsent.state = TakeState::waiting;
        release_quietly(unsent);
        throw;
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
