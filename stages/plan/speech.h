#pragma once

#include "stages/plan/abilities.h"
#include "stages/plan/format.h"
#include "stages/plan/takes.h"

#include <string>
#include <vector>

namespace longtake::stages {

/// The take that lays a shot's speech on its finished film, made of `pieces`. It adds nothing to the film's length.
/// Throws Error(usage): a film of several takes or of a length the service's lip-sync does not accept, a recording that
/// is no sound, too large or of another format.
PlannedTake speech_take(const ModelChoice& choice, const Pieces& pieces, const Inputs& facts);

/// What the user should know of the speech: a recording that is longer than the film.
std::vector<std::string> speech_notes(const ModelChoice& choice, const Inputs& facts);

} // namespace longtake::stages
