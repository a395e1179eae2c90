#pragma once

#include "pipeline/model/plan.h"

namespace longtake::stages {

/// Adds what films change of the plan's clips, or leave out, to its notes, each once.
void note_clips(Plan& plan, const Inputs& facts);

} // namespace longtake::stages
