#pragma once

#include "stages/extend/strip.h"

#include <optional>

namespace longtake::stages {

/// How a new take begins, seen from the end of the one before.
struct Overlap {
    int repeated = 0;    ///< frames at the head of the new take that show the last ones of the one before
    int frozen = 0;      ///< further frames that stand still before it begins to move
    bool related = true; ///< false: it begins with another picture altogether
};

/// Holds the first frames of a take against the last of the one before. Where the picture stands still a repeated
/// frame is neither seen nor found: then it is as `expected` says.
Overlap overlap(const Strip& tail, const Strip& head, bool expected);

/// Where a film goes on from a shorter one it begins with.
struct FoundEnd {
    std::int64_t frame = 0; ///< of the film: shows the shorter one's last frame
    bool sure = false;      ///< the frames before agree as well; else `frame` is the one expected
};

/// Finds the last frames of `parent` in `film` by their pictures, near frame `expected` and then anywhere: several
/// frames in a row, so that a picture which comes twice is told apart. Where it stands still the expected frame is as
/// good as any.
FoundEnd find_end(const Footage& parent, const Footage& film, std::int64_t expected);

} // namespace longtake::stages
