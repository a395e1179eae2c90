#pragma once

#include "pipeline/base/error.h"
#include "pipeline/flow/account.h"
#include "pipeline/flow/options.h"
#include "pipeline/model/deliverable.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/storyboard.h"
#include "stages/assemble/seams.h"
#include "stages/plan/compare.h"

#include <string>
#include <vector>

namespace longtake {

/// A shot that could not be made.
struct Failure {
    std::string shot;
    Error error;
};

/// What a run came to. With failures there is no film; everything else is kept for the next run.
struct FilmResult {
    Plan plan;
    std::vector<Deliverable> deliverables; ///< in the order of the presets
    std::vector<stages::Seam> seams;       ///< as found, before they are fixed; empty: not looked at
    std::vector<Failure> failures;
    double paid = 0;            ///< USD that this run's own submits were charged or, where that is not known, estimated
    bool nothing_to_do = false; ///< every take and every file was there already
};

/// Looks at the inputs and plans. Reads headers, writes nothing, needs no network.
Plan plan_film(const Storyboard& board, const ModelCatalog& catalog);

/// The same for one film of many: what `known` has of their files is not looked at again, and what is found is added.
Plan plan_film(const Storyboard& board, const ModelCatalog& catalog, Inputs& known);

/// The same, with notes on how the cards' texts will stand in the files that are asked for.
/// Throws Error(input) for a text that cannot be made to fit, and as outputs_for().
Plan plan_film(const Storyboard& board, const FilmOptions& options, const Account& account);

/// What every service would ask for the storyboard. Reads headers, writes nothing, needs no network.
stages::Comparison compare_offers(const Storyboard& board, const ModelCatalog& catalog);

/// What a run of this plan would find in its working directory. Reads the ledger alone, writes nothing.
Foresight look_ahead(const Plan& plan, const FilmOptions& options, const Account& account);

/// The main job: storyboard to finished files. Whatever an earlier run finished is not done again. How it went stands
/// in the working directory's run.json afterwards, whatever came of it.
FilmResult make_film(const Storyboard& board, const FilmOptions& options, const Account& account,
                     const Observer& observer = {});

} // namespace longtake
