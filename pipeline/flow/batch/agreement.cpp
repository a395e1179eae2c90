#include "pipeline/flow/batch/agreement.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {

void need_agreement(const BatchPlan& plan, const std::vector<RowState>& rows, const BatchOptions& options, double spent)
{
    const bool all_there = std::ranges::none_of(rows, [](const RowState& row) { return row.outcome.empty(); });
    if (!plan.paid || all_there) {
        return;
    }
    if (options.film.max_cost && !plan.cost) {
        throw Error(Errc::budget, fmt::format("the price of {} is unknown, so --max-cost cannot be kept; "
                                              "providers.<name>.prices takes it. Nothing was sent",
                                              fmt::join(plan.without_price, ", ")));
    }
    if (options.film.max_cost && *plan.cost > *options.film.max_cost + 1e-9) {
        throw Error(Errc::budget,
                    fmt::format("{} takes for {} films cost ${:.2f}, over --max-cost {:.2f}; nothing was sent",
                                plan.takes, plan.films, *plan.cost, *options.film.max_cost));
    }
    if (!options.consent || !options.consent(plan, spent)) {
        throw Error(Errc::budget, "this batch would be paid for; look at --dry-run, then add --yes. Nothing was sent");
    }
}

} // namespace longtake
