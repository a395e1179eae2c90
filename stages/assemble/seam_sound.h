#pragma once

#include "stages/assemble/seams.h"

#include <span>

namespace longtake::stages {

/// What the sound of two ranges meets where the one ends and the other begins. Both must sound.
/// Throws Error(input) on a damaged file.
SeamSound compare_sound(const Rate& rate, const Range& before, const Range& after);

/// SeamSound::click of two stretches of interleaved stereo at 48 kHz put end to end.
double click_between(std::span<const float> before, std::span<const float> after);

} // namespace longtake::stages
