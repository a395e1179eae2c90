#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/foresight.h"
#include "pipeline/flow/options.h"
#include "stages/deliver/output_spec.h"

#include <vector>

namespace longtake {

// What a run has to see to before anything is sent or written.

/// Throws Error(budget) where what is new would cost more than --max-cost, or nobody knows what it costs.
void need_affordable(const Foresight& foresight, const FilmOptions& options);

/// What is asked is what will be paid: nothing where every take is there. Throws Error(budget) without consent.
void need_consent(const Plan& plan, const Foresight& foresight, const FilmOptions& options);

/// Forgets a throw-away account, balances the books. Throws Error(input) where the ledger is not the one that the
/// takes beside it were paid with.
void settle_the_past(const Plan& plan, const FilmOptions& options, const Account& account, Ledger& ledger,
                     Budget& budget);

/// Throws Error(credentials) where a take that has not come home is another account's.
void need_same_accounts(const std::vector<TakeRecord>& takes, const Generator& generator);

/// Not even when told to is a file overwritten that the film is made of: links and other spellings of its name are it,
/// too. Throws Error(usage).
void refuse_own_sources(const std::vector<stages::OutputSpec>& outputs, const Plan& plan);

} // namespace longtake
