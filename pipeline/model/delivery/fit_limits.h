#pragma once

#include "pipeline/model/preset.h"

namespace longtake {

/// What is done about a film that a platform would refuse.
enum class LimitsPolicy {
    refuse, ///< said before anything is encoded
    fit,    ///< the film's beginning alone is delivered, at a bit rate whose file cannot become too large
};

/// The preset for a film so many seconds long, within its limits. Throws Error(usage) that says by how much the film is
/// too long or too short; with `fit`, for what cannot be made to fit: too short a film, too few bytes for any picture.
Preset within_limits(const Preset& preset, double seconds, LimitsPolicy policy);

/// The most bytes a film of a preset with a `max_bitrate` can take: its rate, what its bucket holds besides, sound and
/// container.
std::int64_t most_bytes(const Preset& preset, double seconds);

} // namespace longtake
