#include "pipeline/av/sound/loudness.h"

#include "pipeline/base/error.h"

#include <ebur128.h>

#include <algorithm>
#include <cmath>

namespace longtake::av {

struct LoudnessMeter::Impl {
    Impl(int sample_rate, int channels)
        // The histogram keeps memory constant over hours; it resolves 0.1 LU.
        : state(ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(sample_rate),
                             EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_LRA | EBUR128_MODE_HISTOGRAM))
    {
        if (!state) {
            throw Error(Errc::internal, "loudness meter: cannot be made for " + std::to_string(sample_rate) + " Hz, " +
                                            std::to_string(channels) + " channels");
        }
    }
    ~Impl() { ebur128_destroy(&state); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ebur128_state* state;
};

LoudnessMeter::LoudnessMeter(int sample_rate, int channels) : impl_(std::make_unique<Impl>(sample_rate, channels)) {}

LoudnessMeter::~LoudnessMeter() = default;
LoudnessMeter::LoudnessMeter(LoudnessMeter&&) noexcept = default;
LoudnessMeter& LoudnessMeter::operator=(LoudnessMeter&&) noexcept = default;

void LoudnessMeter::add(std::span<const float> interleaved)
{
    const std::size_t frames = interleaved.size() / impl_->state->channels;
    if (frames > 0 && ebur128_add_frames_float(impl_->state, interleaved.data(), frames) != EBUR128_SUCCESS) {
        throw Error(Errc::internal, "loudness meter: out of memory");
    }
}

std::optional<double> LoudnessMeter::integrated() const
{
    double loudness = 0;
    if (ebur128_loudness_global(impl_->state, &loudness) != EBUR128_SUCCESS || !std::isfinite(loudness)) {
        return std::nullopt;
    }
    return loudness;
}

std::optional<double> LoudnessMeter::true_peak() const
{
    double highest = 0;
    for (unsigned channel = 0; channel < impl_->state->channels; ++channel) {
        double peak = 0;
        if (ebur128_true_peak(impl_->state, channel, &peak) == EBUR128_SUCCESS) {
            highest = std::max(highest, peak);
        }
    }
    if (highest <= 0) {
        return std::nullopt;
    }
    return 20 * std::log10(highest);
}

std::optional<double> LoudnessMeter::range() const
{
    double range = 0;
    if (!integrated() || ebur128_loudness_range(impl_->state, &range) != EBUR128_SUCCESS || !std::isfinite(range)) {
        return std::nullopt;
    }
    return range;
}

std::optional<double> LoudnessMeter::short_term() const
{
    double loudness = 0;
    if (ebur128_loudness_shortterm(impl_->state, &loudness) != EBUR128_SUCCESS || !std::isfinite(loudness)) {
        return std::nullopt;
    }
    return loudness;
}

} // namespace longtake::av
