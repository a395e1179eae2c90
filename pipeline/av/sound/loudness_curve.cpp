#include "pipeline/av/sound/loudness_curve.h"

#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/av/sound/loudness.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <cmath>

namespace longtake::av {

LoudnessCurve loudness_curve(const std::filesystem::path& file, double step, std::stop_token stop)
{
    constexpr double k_silent = -70; ///< BS.1770's absolute gate
    constexpr int k_rate = 48000;
    const auto heard = [&](const std::optional<double>& level) { return std::max(k_silent, level.value_or(k_silent)); };
    AudioReader reader(file, k_rate);
    LoudnessMeter loudness;
    LoudnessCurve curve{step, {}, {}};
    std::vector<float> block(2 * static_cast<std::size_t>(std::llround(step * k_rate)));
    while (const std::size_t got = reader.read(block)) {
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, "interrupted");
        }
        LoudnessMeter peaks;
        loudness.add({block.data(), 2 * got});
        peaks.add({block.data(), 2 * got});
        curve.short_term.push_back(heard(loudness.short_term()));
        curve.peaks.push_back(heard(peaks.true_peak()));
    }
    return curve;
}

} // namespace longtake::av
