#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace longtake::av {

constexpr double k_onset_step = 0.01; ///< seconds from one value of an onset strength to the next

/// What starts in a sound.
struct Onsets {
    /// The spectral flux of 40 mel bands at each step, those of the bass (up to about 250 Hz) counted once more, as
    /// off-beats are played in the treble; less its mean over a second, in units of its standard deviation. The first
    /// values are of steps before time 0, so that what starts there is seen to start.
    std::vector<double> strength;
    /// That deviation, of all bands, as a share of the mean loudness: 0.005 to 0.02 where sounds are held or are noise,
    /// 0.06 to 0.2 where they are struck.
    double contrast = 0;
};

Onsets onsets_of(std::span<const float> mono, int sample_rate);

/// Seconds of the value at `index`; fractions lie between two.
double onset_time(double index);

} // namespace longtake::av
