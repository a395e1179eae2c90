#include "pipeline/av/sound/onsets.h"

#include "pipeline/av/ffmpeg.h"

extern "C" {
#include <libavutil/tx.h>
}

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace longtake::av {
namespace {

constexpr std::size_t k_lead = 5; ///< values before time 0

/// The power of a stretch of sound in mel bands.
class MelBands {
public:
    static constexpr std::size_t k_bands = 40;
    static constexpr double k_lowest = 30, k_highest = 10000; ///< Hz

    explicit MelBands(int sample_rate) : rate_(sample_rate)
    {
        while (static_cast<double>(size_) < 0.04 * rate_) {
            size_ *= 2;
        }
        const float scale = 1;
        check(av_tx_init(&context_, &transform_, AV_TX_FLOAT_RDFT, 0, static_cast<int>(size_), &scale, AV_TX_UNALIGNED),
              "Fourier transform");
        in_.resize(size_);
        out_.resize(size_ / 2 + 1);
        window_.resize(size_);
        for (std::size_t i = 0; i < size_; ++i) {
            window_[i] = static_cast<float>(
                0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(size_)));
        }
        choose_bands();
    }
    ~MelBands() { av_tx_uninit(&context_); }
    MelBands(const MelBands&) = delete;
    MelBands& operator=(const MelBands&) = delete;

    /// Around the sample `centre`, which may lie outside of the sound.
    std::vector<double> power(std::span<const float> sound, std::ptrdiff_t centre)
    {
        const std::ptrdiff_t first = centre - static_cast<std::ptrdiff_t>(size_ / 2);
        for (std::size_t i = 0; i < size_; ++i) {
            const std::ptrdiff_t at = first + static_cast<std::ptrdiff_t>(i);
            const bool inside = at >= 0 && at < static_cast<std::ptrdiff_t>(sound.size());
            in_[i] = inside ? sound[static_cast<std::size_t>(at)] * window_[i] : 0;
        }
        transform_(context_, out_.data(), in_.data(), sizeof(float));
        std::vector<double> power(k_bands);
        for (std::size_t bin = 0; bin < out_.size(); ++bin) {
            const double p =
                static_cast<double>(out_[bin].re) * out_[bin].re + static_cast<double>(out_[bin].im) * out_[bin].im;
            for (std::size_t band = lowest_[bin]; band < std::min(lowest_[bin] + 2, k_bands); ++band) {
                power[band] += p * std::max(0.0, 1 - std::abs(place_[bin] - static_cast<double>(band)));
            }
        }
        return power;
    }

private:
    static double mel(double hz) { return 2595 * std::log10(1 + hz / 700); }

    /// Where each bin lies among the bands' middles: it is shared by the two beside it.
    void choose_bands()
    {
        const double low = mel(k_lowest), high = mel(std::min(k_highest, rate_ / 2.0));
        for (std::size_t bin = 0; bin < out_.size(); ++bin) {
            const double hz = static_cast<double>(bin) * rate_ / static_cast<double>(size_);
            place_.push_back((mel(hz) - low) / (high - low) * (k_bands - 1));
            lowest_.push_back(place_[bin] < 0 ? 0 : static_cast<std::size_t>(place_[bin]));
        }
    }

    int rate_;
    std::size_t size_ = 256;
    AVTXContext* context_ = nullptr;
    av_tx_fn transform_ = nullptr;
    std::vector<float> in_, window_;
    std::vector<AVComplexFloat> out_;
    std::vector<double> place_; ///< of each bin
    std::vector<std::size_t> lowest_;
};

/// The loudness of each band at each step, as a share of the loudest there is.
std::vector<std::vector<double>> loudness_of_bands(std::span<const float> mono, int sample_rate)
{
    // In dB what follows silence counts for more than what is loud, and a lone kick between two beats outweighs them.
    constexpr double k_compression = 0.2; // of power
    MelBands bands(sample_rate);
    const double hop = k_onset_step * sample_rate;
    const auto steps = k_lead + static_cast<std::size_t>(static_cast<double>(mono.size()) / hop);
    std::vector<std::vector<double>> loudness;
    double most = 0;
    for (std::size_t i = 0; i < steps; ++i) {
        loudness.push_back(bands.power(mono, std::llround(onset_time(static_cast<double>(i)) * sample_rate)));
        most = std::max(most, *std::max_element(loudness.back().begin(), loudness.back().end()));
    }
    for (std::vector<double>& all : loudness) {
        for (double& band : all) {
            band = most > 0 ? std::pow(band / most, k_compression) : 0;
        }
    }
    return loudness;
}

/// Takes off the mean over a second. Returns the standard deviation of what is left, which becomes 1.
double level_out(std::vector<double>& envelope)
{
    constexpr std::size_t k_half = 50;
    std::vector<double> sums{0};
    for (const double value : envelope) {
        sums.push_back(sums.back() + value);
    }
    double power = 0;
    for (std::size_t i = 0; i < envelope.size(); ++i) {
        const std::size_t from = i < k_half ? 0 : i - k_half;
        const std::size_t to = std::min(envelope.size(), i + k_half + 1);
        envelope[i] -= (sums[to] - sums[from]) / static_cast<double>(to - from);
        power += envelope[i] * envelope[i];
    }
    const double deviation = std::sqrt(power / static_cast<double>(std::max<std::size_t>(1, envelope.size())));
    for (double& value : envelope) {
        value = deviation > 1e-9 ? value / deviation : 0;
    }
    return deviation;
}

} // namespace

Onsets onsets_of(std::span<const float> mono, int sample_rate)
{
    constexpr std::size_t k_bass = 4; // bands: up to about 250 Hz
    const auto loudness = loudness_of_bands(mono, sample_rate);
    std::vector<double> all(loudness.size());
    std::vector<double> bass(loudness.size());
    double heard = 0;
    for (std::size_t i = 1; i < loudness.size(); ++i) {
        for (std::size_t band = 0; band < MelBands::k_bands; ++band) {
            const double rise = std::max(0.0, loudness[i][band] - loudness[i - 1][band]);
            all[i] += rise;
            bass[i] += band < k_bass ? rise : 0;
            heard += loudness[i][band];
        }
    }
    const double deviation = level_out(all);
    level_out(bass);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] += bass[i];
    }
    level_out(all);
    const double contrast = heard > 0 ? deviation * static_cast<double>(loudness.size()) / heard : 0;
    return {std::move(all), contrast};
}

double onset_time(double index)
{
    return (index - static_cast<double>(k_lead)) * k_onset_step;
}

} // namespace longtake::av
