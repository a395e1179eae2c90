#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/options.h"
#include "pipeline/model/plan.h"

#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// Which part of a film is looked at.
struct LookWish {
    std::optional<std::string> shot;   ///< its id; empty: all
    std::optional<std::string> canvas; ///< "9:16"; empty: all that its outputs show
};

/// A sheet of pictures of a film that is not made yet.
struct Look {
    std::string png; ///< the file's bytes
    Size size;
    std::size_t shots = 0;
    std::vector<std::string> canvases; ///< "9:16"
};

/// Draws the middle of each shot and of the join into it on each canvas of its outputs, with safe boxes, texts and what
/// of each picture is seen. Nothing is asked of a service and nothing is encoded: what is rendered here stands as it
/// will be, and for what is paid for its prepared picture stands in. `options.workdir` is a folder for what is drawn on
/// the way, that nobody needs afterwards.
/// Throws Error(usage) for a shot or canvas the film does not have, Error(input) for a picture or clip that cannot be
/// read.
Look look_at(const Storyboard& board, const Plan& plan, const FilmOptions& options, const Account& account,
             const Observer& observer, const LookWish& wish);

} // namespace longtake
