#pragma once

#include "pipeline/model/timeline.h"

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace longtake::render {

/// A film's voices, mixed, from its start to its end and silent after it: each brought to k_voice_loudness and its own
/// gain, with 10 ms of fade where it is cut off. Samples at 48 kHz. Files are open only while heard.
class VoiceSound {
public:
    /// Listens to every recording once, for its loudness. Throws Error(input) "voice 'name': reason" for one without
    /// sound, Error(interrupted) when stopped. `timeline` must outlive it.
    VoiceSound(const Timeline& timeline, const std::stop_token& stop);
    ~VoiceSound();
    VoiceSound(VoiceSound&&) noexcept;

    /// Adds what comes next to `stereo` (interleaved). Throws Error(input) on a damaged file.
    void add(std::span<float> stereo);

private:
    struct Speaker;
    std::vector<Speaker> speakers_;
    std::int64_t at_ = 0;
};

} // namespace longtake::render
