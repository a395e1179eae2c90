#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/options.h"
#include "pipeline/model/storyboard.h"
#include "stages/assemble/seams.h"
#include "stages/deliver/segment_plan.h"

#include <string>
#include <vector>

namespace longtake {

/// Looks at the joins, if anybody wants to know of them, and mends what is to be mended. `seams`: as found.
Timeline fixed_film(Timeline timeline, const FilmOptions& options, const Observer& observer,
                    std::vector<stages::Seam>& seams);

/// How one output would be made.
struct ExplainedOutput {
    std::string preset;
    Size size;
    Rate rate;
    Preset::Video video; ///< what encodes it, and as what
    stages::SplicePlan splice;
    std::vector<stages::Piece> pieces; ///< into `splice`; empty: it is encoded in one go,
    std::string whole_because;         ///< and why
};

/// How a film of clips alone would be made: for each output, which frames are copied, which encoded.
struct Explained {
    Plan plan;
    std::vector<ExplainedOutput> outputs; ///< in the order of the presets
    std::vector<stages::Seam> seams;
};

/// Reads the clips, writes nothing. Throws Error(usage) for a film with other shots, whose footage is not there yet.
Explained explain_film(const Storyboard& board, const FilmOptions& options, const Account& account,
                       const Observer& observer = {});

} // namespace longtake
