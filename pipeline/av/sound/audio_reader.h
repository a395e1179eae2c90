#pragma once

#include "pipeline/av/clip/damage.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace longtake::av {

/// Decodes a file's sound (see SoundTracks) to interleaved stereo float at one sample rate, honouring the container's
/// priming and edit list, so that sample 0 is the sound at time 0. Samples follow each other without a break while
/// timestamps wobble about them; only a step in the timestamps that stays, or of more than 60 ms, is believed.
class AudioReader {
public:
    /// Opens `file` so that the first sample read is the one at `start` (samples at `sample_rate`).
    /// Mono is carried on both channels (at -3 dB each, so that its loudness is kept); more than two channels are
    /// mixed down by libswresample (ITU-R BS.775, without the low-frequency channel), so much lower that nothing can
    /// clip: 7.7 dB of 5.1. Rate and layout may change midway. Throws Error(input) if there is no sound or it cannot be
    /// decoded.
    AudioReader(const std::filesystem::path& file, int sample_rate, std::int64_t start = 0,
                Damage damage = Damage::refused);
    ~AudioReader();
    AudioReader(AudioReader&&) noexcept;
    AudioReader& operator=(AudioReader&&) noexcept;

    /// Fills `stereo` (interleaved, an even count) and returns the samples a channel written; fewer than asked
    /// only at the end. Throws Error(input) on damage: it is never mistaken for the end.
    std::size_t read(std::span<float> stereo);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
