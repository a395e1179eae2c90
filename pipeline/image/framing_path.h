#pragma once

#include "pipeline/image/box.h"
#include "pipeline/image/subjects.h"
#include "pipeline/model/framing.h"
#include "pipeline/model/rate.h"

#include <cstdint>
#include <string>
#include <vector>

namespace longtake::image {

/// A shot that is to be shown in another shape.
struct FramedShot {
    Size picture;           ///< as displayed
    Box active;             ///< what lies between its bars, in its pixels
    double aspect = 1;      ///< of the window, width / height
    std::int64_t first = 0; ///< frame
    std::int64_t frames = 0;
    Rate rate;
    Focus focus{};
};

struct FoundPath {
    FramingPath path;
    std::string note; ///< what it follows, for people
};

/// How the largest window of the shot's aspect goes over it: it holds the faces, together if they fit and otherwise the
/// one that is largest and longest in sight; where there is none, what stands out or moves; and where nothing does, it
/// stands in the middle, and the note says that this was guessed. See camera_move() for how it moves.
FoundPath framing_path(const std::vector<Observation>& looks, const FramedShot& shot);

} // namespace longtake::image
