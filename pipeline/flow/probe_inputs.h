#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/model/storyboard.h"

namespace longtake {

/// Looks at the headers of every file a storyboard names, before anything is planned or written. Music whose beats are
/// asked for is decoded and listened to, which takes a second of one core for eight minutes of it.
/// Throws Error(input) for a picture, clip or music that is missing or cannot be read, naming the shot.
Inputs probe_inputs(const Storyboard& board);

/// The same for one storyboard of many: files that are in `known` are not looked at again, others are added to it.
Inputs probe_inputs(const Storyboard& board, Inputs& known);

} // namespace longtake
