#pragma once

#include "pipeline/model/clip.h"
#include "pipeline/model/plan.h"
#include "stages/extend/seam.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace longtake::stages {

/// Two pieces of a shot brought together.
struct Join {
    Footage before; ///< its tail cut and graded
    Footage added;  ///< the new frames alone
    Grade change;   ///< of colours, as shot, from the end of the film before to the end of the new take
    SeamStep plain; ///< ungraded
    SeamStep matched;
    std::vector<std::string> warnings;
};

/// Joins a new take to the piece before, by comparing frames.
///
/// What the service's extend call gave back is told by its length: the whole film so far and more, or the new part
/// alone; where the length fits both, by its pictures. Of a whole film only what comes after the parent's last frame
/// is used. Frames at the head of a new part that repeat the end of the one before are dropped, from that end if
/// possible: the new take stays whole.
///
/// Where the colours step, the tail of the piece before is graded over toward the new take, which itself stays as it
/// is; with MatchColour::anchor the new take is graded to `toward`, the grade that brings the piece before home.
///
/// `film` is the parent take as it came, up to the end of its file; `before` is what is shown of it; `take` is the new
/// one as it came. `follow`: whether `change` is wanted, for which the new take is read to its end. Throws
/// Error(provider) naming the kept file when a result is neither whole film nor new part.
Join join(const Footage& before, const Footage& film, const Footage& take, const PlannedTake& planned,
          MatchColour match, const Grade& toward, bool follow);

void to_json(nlohmann::json& json, const Join& join);
void from_json(const nlohmann::json& json, Join& join);

} // namespace longtake::stages
