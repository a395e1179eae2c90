#pragma once

#include "pipeline/flow/stills.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/model/plan.h"
#include "pipeline/providers/generator.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace longtake {

/// One planned take as a run would find it in the ledger.
struct ForeseenTake {
    enum class State {
        fresh,    ///< nothing was ever asked for: it would be sent, and paid for
        have,     ///< it is here, or on its way: paid for
        stuck,    ///< ambiguous, or failed for money: nothing is sent unless the user decides
        unneeded, ///< the footage so far is long enough without it
    };
    State state = State::fresh;
    std::string shot;
    int index = 0;
    bool home = false;                ///< its footage is here, whole
    std::optional<double> cost;       ///< USD, planned
    std::string fingerprint;          ///< empty: it depends on a take that is not there
    std::optional<TakeRecord> record; ///< where the ledger has one
};

/// What a run would find, take by take in the order of the plan.
struct Foresight {
    std::vector<ForeseenTake> takes;
    double spent = 0; ///< USD that the film's ledger has reserved and was charged, over all runs

    std::size_t fresh() const;

    /// USD the fresh takes cost; empty: the price of one is not known.
    std::optional<double> fresh_cost() const;

    const ForeseenTake* find(const std::string& shot, int index) const;
    bool has(const std::string& fingerprint) const;

    /// Of those takes that the ledger knows.
    std::vector<TakeRecord> records() const;
};

/// "have", "new", "stuck", "not needed"
std::string word(ForeseenTake::State state);

/// Every take fresh: what a first run finds.
Foresight nothing_there(const Plan& plan);

/// Looks at the ledger, and at nothing else: no network, and nothing is made. `stills` recalls, or has prepared
/// already.
Foresight foresee(const Plan& plan, Stills& stills, Ledger& ledger, const Generator& generator,
                  const Decisions& decisions = {});

/// `plan --json`: the `takes` with their "state", and what the fresh ones cost.
nlohmann::json takes_json(const Plan& plan, const Foresight& foresight);
nlohmann::json cost_json(const Plan& plan, const Foresight& foresight);

} // namespace longtake
