#include "pipeline/render/voice_sound.h"

#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/av/sound/loudness.h"
#include "pipeline/base/error.h"
#include "pipeline/render/clip_sound.h"
#include "pipeline/render/soundtrack.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace longtake::render {
namespace {

constexpr int k_voice_rate = Soundtrack::k_sample_rate;
constexpr std::size_t k_voice_block = 4096;
constexpr double k_most_gain = 24; ///< dB: what needs more is noise
constexpr std::int64_t k_voice_fade = k_voice_rate / 100;

/// LUFS of a recording; empty: nothing in it is loud enough to be measured.
std::optional<double> loudness_of(const Voice& voice, const std::stop_token& stop)
{
    av::AudioReader reader(voice.file, k_voice_rate);
    av::LoudnessMeter meter(k_voice_rate, Soundtrack::k_channels);
    std::vector<float> block(2 * k_voice_block);
    while (const std::size_t count = reader.read(block)) {
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, "mix: stopped");
        }
        meter.add(std::span(block).first(2 * count));
    }
    return meter.integrated();
}

double gain_of(const Voice& voice, const std::stop_token& stop)
{
    const auto loudness =
        in_context("voice '" + voice.file.filename().string() + "'", [&] { return loudness_of(voice, stop); });
    const double level = std::clamp(k_voice_loudness - loudness.value_or(k_voice_loudness), -k_most_gain, k_most_gain);
    return std::pow(10.0, (level + voice.gain_db) / 20);
}

} // namespace

struct VoiceSound::Speaker {
    const Voice* voice = nullptr;
    double gain = 1;
    std::int64_t begin = 0, end = 0; ///< samples of the film
    std::optional<av::AudioReader> reader{};

    /// Adds what is heard from `at` on.
    void add(std::span<float> stereo, std::int64_t at)
    {
        const std::int64_t until = at + std::ssize(stereo) / 2;
        if (until <= begin || at >= end) {
            reader.reset();
            return;
        }
        const std::int64_t first = std::max(at, begin);
        if (!reader) {
            reader.emplace(voice->file, k_voice_rate, first - begin);
        }
        std::vector<float> heard(static_cast<std::size_t>(2 * (std::min(until, end) - first)));
        heard.resize(2 * reader->read(heard));
        const Ramp out{end - k_voice_fade, end, Ramp::Direction::out};
        float* to = stereo.data() + 2 * (first - at);
        for (std::size_t i = 0; i < heard.size(); ++i) {
            const double here = gain * out.gain(first + static_cast<std::int64_t>(i / 2));
            to[i] += static_cast<float>(heard[i] * here);
        }
    }
};

VoiceSound::VoiceSound(const Timeline& timeline, const std::stop_token& stop)
{
    for (const Voice& voice : timeline.voices) {
        speakers_.push_back({&voice, gain_of(voice, stop), timeline.rate.samples(voice.from, k_voice_rate),
                             timeline.rate.samples(voice.to, k_voice_rate)});
    }
}

VoiceSound::~VoiceSound() = default;
VoiceSound::VoiceSound(VoiceSound&&) noexcept = default;

void VoiceSound::add(std::span<float> stereo)
{
    for (Speaker& speaker : speakers_) {
        speaker.add(stereo, at_);
    }
    at_ += std::ssize(stereo) / 2;
}

} // namespace longtake::render
