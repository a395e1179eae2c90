#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/look/stand_ins.h"
#include "pipeline/flow/options.h"
#include "pipeline/model/canvas.h"
#include "pipeline/model/plan.h"

namespace longtake::preview {

/// A film that is not made yet, small, on its own canvas.
struct Previewed {
    Plan plan; ///< at the small size
    Timeline timeline;
    SafeBox safe;
};

/// `short_side`: pixels of the small film. Throws as StandInMaker.
Previewed previewed(const Storyboard& board, const Plan& plan, const FilmOptions& options, const Account& account,
                    const Observer& observer, int short_side);

/// What is known of a shot before it is made: "cat  8.0 s  kling-v2-6 pro  $0.42".
std::string facts_of(const ShotPlan& shot, Rate rate);

/// Its prompt, or the text of a card; empty: it has neither.
std::string words_of(const ShotPlan& shot);

} // namespace longtake::preview
