#include "stages/deliver/levels.h"

#include "pipeline/av/sound/loudness.h"

namespace longtake::stages {
namespace {

using Reader = render::Soundtrack::Reader;

constexpr int k_ceiling_tries = 6;
constexpr double k_as_loud = 0.5;     ///< LU that nobody calls quieter
constexpr double k_peak_margin = 0.1; ///< dB kept below a preset's true-peak ceiling

/// PCM keeps its peaks; lossy codecs overshoot them.
bool lossless(const Preset::Audio& audio)
{
    return audio.codec.starts_with("pcm") || audio.codec == "flac";
}

av::SoundSource source_of(const std::shared_ptr<Reader>& reader)
{
    return [reader](std::span<float> stereo) { return reader->read(stereo); };
}

/// The limiter's ceiling at which the encoded sound keeps the preset's: tried out by encoding and decoding the
/// sound alone, which costs a hundredth of the picture.
double ceiling_for(const render::Soundtrack& sound, const av::MediaSpec& spec, double loudness)
{
    const Preset::Audio& audio = *spec.audio;
    double ceiling = audio.true_peak - k_peak_margin;
    if (lossless(audio)) {
        return ceiling;
    }
    for (int attempt = 0; attempt < k_ceiling_tries; ++attempt) {
        av::LoudnessMeter meter(audio.sample_rate);
        av::encode_and_hear(spec, source_of(std::make_shared<Reader>(sound.read(loudness, ceiling))),
                            [&](std::span<const float> samples) { meter.add(samples); });
        const double over = meter.true_peak().value_or(-100) - (audio.true_peak - k_peak_margin / 2);
        if (over <= 0) {
            break;
        }
        ceiling -= over + k_peak_margin;
    }
    return ceiling;
}

} // namespace

LevelledSound levelled_sound(const Timeline& timeline, const render::Soundtrack* mix, const av::MediaSpec& spec,
                             double loudness, const std::stop_token& stop)
{
    if (!spec.audio) {
        return {};
    }
    if (mix == nullptr) {
        return {render::Soundtrack::live(timeline), nullptr};
    }
    const double aim = timeline.keep_levels ? mix->measured().integrated.value_or(loudness) : loudness;
    const auto levels = std::make_shared<Reader>(mix->read(aim, ceiling_for(*mix, spec, aim), stop));
    return {source_of(levels), levels};
}

double loudness_of(const Timeline& timeline, const Preset& preset)
{
    return timeline.loudness.value_or(preset.audio.loudness);
}

std::optional<double> expect_sound(Expectation& expected, const Timeline& timeline, const render::Soundtrack* mix,
                                   const Preset& preset, const LevelledSound& sound)
{
    expected.audio = preset.audio;
    expected.levels = !timeline.keep_levels;
    // Digital silence has no loudness to be held to, and that of a film's beginning is another than the film's.
    if (!expected.levels || !mix->measured().integrated || preset.first_seconds) {
        return std::nullopt;
    }
    const double wanted = loudness_of(timeline, preset);
    const std::optional<double> reached = sound.levels ? sound.levels->reached() : std::nullopt;
    expected.loudness = wanted;
    if (!reached || *reached >= wanted - k_as_loud) {
        return std::nullopt;
    }
    expected.loudness = reached; // taps and percussion: as loud as the true peak allows
    return wanted;
}

} // namespace longtake::stages
