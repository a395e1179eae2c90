#pragma once

#include "pipeline/model/rate.h"

#include <string>

namespace longtake::av {

/// How decoded values are to be shown: code points of ITU-T H.273. 2: unspecified.
struct Colour {
    bool full_range = false;
    int primaries = 2;
    int transfer = 2;
    int matrix = 2;

    friend bool operator==(const Colour&, const Colour&) = default;
};

/// Copies are BT.709, said or by convention. A decoder keeps the colours of the header before where one says nothing,
/// so every header of a spliced stream says it.
inline constexpr Colour k_bt709{false, 1, 1, 1};

/// Why pictures of a size are not shown as those of BT.709 are; empty: they are. Untagged ones of 1000 pixels and more
/// are BT.709 by convention.
std::string colour_blocker(const Colour& colour, Size size);

} // namespace longtake::av
