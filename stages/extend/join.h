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

/// All that a join depends on. As JSON it is the key of the step, wherever the files lie.
struct JoinInput {
    Footage before;                                    ///< what is shown of the take before
    Footage film;                                      ///< the take before as it came, up to the end of its file
    Footage take;                                      ///< the new one as it came
    PlannedTake::Kind kind = PlannedTake::Kind::chain; ///< of the new one,
    double seconds = 0;                                ///< what was asked for,
    double guaranteed = 0;                             ///< and the least it is sure to add
    MatchColour match = MatchColour::off;
    Grade toward;        ///< the grade that brings the piece before home
    bool follow = false; ///< whether `change` is wanted, for which the new take is read to its end
};

/// Joins a new take to the piece before, by comparing frames.
///
/// What the service's extend call gave back is told by its length: the whole film so far and more, or the new part
/// alone; where the length fits both, by its pictures. Of a whole film only what comes after the parent's last frame
/// is used. Frames at the head of a new part that repeat the end of the one before are dropped, from that end if
/// possible: the new take stays whole.
///
/// Where the colours step, the tail of the piece before is graded over toward the new take, which itself stays as it
/// is; with MatchColour::anchor the new take is graded to `toward`. Throws Error(provider) naming the kept file when a
/// result is neither whole film nor new part.
Join join(const JoinInput& input);

void to_json(nlohmann::json& json, const JoinInput& input);
void to_json(nlohmann::json& json, const Join& join);
void from_json(const nlohmann::json& json, Join& join);

} // namespace longtake::stages
