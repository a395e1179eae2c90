#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/model/preset.h"
#include "pipeline/model/timeline.h"
#include "pipeline/render/soundtrack.h"
#include "stages/deliver/check.h"

#include <memory>
#include <optional>
#include <stop_token>

namespace longtake::stages {

/// A film's sound at one output's levels, from its beginning.
struct LevelledSound {
    av::SoundSource source;                             ///< empty: silent
    std::shared_ptr<render::Soundtrack::Reader> levels; ///< what sets its loudness; empty: nothing does
};

/// `mix`: the film's sound, or null where it is to be heard as it is. `loudness`: LUFS aimed at, unless the timeline
/// keeps its levels. The true peak is held after encoding, too: where a lossy codec overshoots, the limiter's ceiling
/// is lowered until it does not. `timeline` and `mix` must outlive the sound. Throws Error(interrupted) when stopped.
LevelledSound levelled_sound(const Timeline& timeline, const render::Soundtrack* mix, const av::MediaSpec& spec,
                             double loudness, const std::stop_token& stop);

/// LUFS that an output of a film is to have: the film's word before the preset's.
double loudness_of(const Timeline& timeline, const Preset& preset);

/// Says what the sound of an output has to be. Returns the LUFS that were asked for where the true peak allows less.
/// `mix` as above; null only where levels are kept.
std::optional<double> expect_sound(Expectation& expected, const Timeline& timeline, const render::Soundtrack* mix,
                                   const Preset& preset, const LevelledSound& sound);

} // namespace longtake::stages
