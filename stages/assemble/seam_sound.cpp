#include "stages/assemble/seam_sound.h"

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/av/sound/loudness.h"

#include <algorithm>
#include <cmath>

namespace longtake::stages {
namespace {

constexpr int k_rate = 48000;
constexpr std::int64_t k_heard = k_rate / 2;    ///< samples read on either side
constexpr std::size_t k_block = k_rate * 2 / 5; ///< 400 ms, what momentary loudness is measured over (BS.1770)
constexpr std::size_t k_about = k_rate / 20;    ///< 50 ms
constexpr double k_silence = -70;               ///< LUFS, BS.1770's absolute gate
constexpr double k_inaudible = 1e-3;            ///< -60 dBFS

/// Interleaved stereo of a range's file from sample `from` up to `to`, less if it ends.
std::vector<float> sound_of(const Range& range, std::int64_t from, std::int64_t to)
{
    std::vector<float> stereo(2 * static_cast<std::size_t>(std::max<std::int64_t>(0, to - from)));
    av::AudioReader reader(range.file, k_rate, from, av::damage_of(range));
    stereo.resize(2 * reader.read(stereo));
    return stereo;
}

std::optional<double> loudness(std::span<const float> stereo)
{
    if (stereo.size() < 2 * k_block) {
        return std::nullopt;
    }
    av::LoudnessMeter meter(k_rate);
    meter.add(stereo);
    return meter.integrated().value_or(k_silence);
}

/// The sharpest bend of one channel with its last sample in [from, to).
double bend(const std::vector<float>& stereo, std::size_t channel, std::size_t from, std::size_t to)
{
    double most = 0;
    for (std::size_t n = std::max<std::size_t>(from, 2); n < to; ++n) {
        const double now = stereo[2 * n + channel];
        const double once = stereo[2 * (n - 1) + channel];
        const double twice = stereo[2 * (n - 2) + channel];
        most = std::max(most, std::abs(now - 2 * once + twice));
    }
    return most;
}

} // namespace

double click_between(std::span<const float> before, std::span<const float> after)
{
    const auto tail = before.last(std::min(before.size(), 2 * k_about));
    const auto head = after.first(std::min(after.size(), 2 * k_about));
    std::vector<float> both(tail.begin(), tail.end());
    both.insert(both.end(), head.begin(), head.end());
    const std::size_t join = tail.size() / 2;
    if (join < 3 || head.size() / 2 < 3) {
        return 0;
    }
    double most = 0;
    for (const std::size_t channel : {0U, 1U}) {
        const double at = bend(both, channel, join, join + 2);
        if (at < k_inaudible) {
            continue;
        }
        const double around = std::max(bend(both, channel, 0, join), bend(both, channel, join + 2, both.size() / 2));
        most = std::max(most, 20 * std::log10(at / std::max(around, k_inaudible / 100)));
    }
    return most;
}

SeamSound compare_sound(const Rate& rate, const Range& before, const Range& after)
{
    const std::int64_t end = rate.samples(before.first + before.frames, k_rate);
    const std::int64_t begin = rate.samples(after.first, k_rate);
    const std::vector<float> tail = sound_of(before, std::max(rate.samples(before.first, k_rate), end - k_heard), end);
    const std::vector<float> head =
        sound_of(after, begin, std::min(begin + k_heard, rate.samples(after.first + after.frames, k_rate)));
    const std::size_t block = 2 * k_block;
    return {loudness(std::span(tail).last(std::min(tail.size(), block))),
            loudness(std::span(head).first(std::min(head.size(), block))), click_between(tail, head)};
}

} // namespace longtake::stages
