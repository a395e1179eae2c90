#include "pipeline/providers/purse.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

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

Purse::Purse(Settings settings) : settings_(std::move(settings))
{
    if (!settings_.paid || settings_.spending.empty()) {
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

void Purse::need_consent()
{
    const std::lock_guard lock(mutex_);
    if (!consent_) {
        consent_ = settings_.consent && settings_.consent();
    }
    if (!*consent_) {
        throw Error(Errc::budget,
                    "this storyboard is paid for; look at `longtake plan`, then add --yes. Nothing was sent");
    }
}

void Purse::reserve(const std::string& id, std::optional<double> cost, bool again)
{
    if (!settings_.paid) {
        return;
    }
    need_consent();
    const std::lock_guard lock(mutex_);
    if (settings_.max_cost) {
        if (!cost || !settings_.planned) {
            refuse_unknown_price("--max-cost");
        }
        const double extra = beyond_plan_ + (again ? *cost : 0);
        if (*settings_.planned + extra > *settings_.max_cost + 1e-9) {
            throw Error(Errc::budget,
                        fmt::format("with this take the film costs ${:.2f}, over --max-cost {:.2f}; nothing was "
                                    "sent",
                                    *settings_.planned + extra, *settings_.max_cost));
        }
    }
    if (settings_.daily_cap && !cost) {
        refuse_unknown_price("the daily cap");
    }
    if (spending_ && !spending_->reserve(id, settings_.account, cost.value_or(0), settings_.daily_cap)) {
        throw Error(
            Errc::budget,
            fmt::format("this take (${:.2f}) would bring today's ${:.2f} on {} over the daily cap of ${:.2f}; nothing "
                        "was sent. Run again tomorrow (UTC), or raise providers.<name>.daily_cap",
                        cost.value_or(0), spending_->today(settings_.account), settings_.account,
                        *settings_.daily_cap));
    }
    beyond_plan_ += again ? cost.value_or(0) : 0;
}

void Purse::settle(const std::string& id, std::optional<double> charged)
{
    if (spending_ && charged) {
        spending_->settle(id, *charged);
    }
}

void Purse::release(const std::string& id, std::optional<double> cost, bool again)
{
    if (spending_) {
        spending_->release(id);
    }
    const std::lock_guard lock(mutex_);
    beyond_plan_ -= again ? cost.value_or(0) : 0;
}

} // namespace longtake
