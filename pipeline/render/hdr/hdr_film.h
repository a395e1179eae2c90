#pragma once

#include "pipeline/av/picture/light_metadata.h"
#include "pipeline/model/timeline.h"

#include <optional>
#include <string>

namespace longtake::render {

/// Why a timeline cannot be composed in a high dynamic range; empty: it can. Clips may be of any range (those of the
/// standard one keep their brightness), one at least of a high one; pictures stand, cut, dissolve and fade to black.
/// Text, logos, grades, colour tables, moving windows and other transitions are made for 8 bits of BT.709. Throws
/// Error(input) for a clip that cannot be read.
std::string hdr_blocker(const Timeline& timeline);

/// What a timeline's PQ clips say of their light, where all that say anything agree; empty: nothing.
std::optional<av::LightMetadata> light_of(const Timeline& timeline);

} // namespace longtake::render
