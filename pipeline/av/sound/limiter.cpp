#include "pipeline/av/sound/limiter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <deque>
#include <numbers>
#include <vector>

namespace longtake::av {

namespace {

constexpr double k_fall_seconds = 0.005;
constexpr double k_recovery_seconds = 0.150;
constexpr double k_recovered = 0.99999; ///< gains above this are 1 again: 0.0001 dB

constexpr std::size_t k_phases = 4;
constexpr std::size_t k_taps = 12;           ///< of one phase
constexpr std::size_t k_centre = k_taps / 2; ///< samples from the newest to the one a phase starts at

using Interpolator = std::array<std::array<float, k_taps>, k_phases>;

/// A sinc under a Hann window, 49 points at 4 times the rate: phase p estimates the sound p/4 after the sample
/// k_centre before the newest. Phase 0 would be that sample itself and stays empty.
Interpolator interpolator()
{
    constexpr double middle = k_phases * k_taps / 2.0;
    Interpolator phases{};
    for (std::size_t j = 0; j < k_phases * k_taps; ++j) {
        if (j % k_phases == 0) {
            continue;
        }
        const double x = (static_cast<double>(j) - middle) * std::numbers::pi / k_phases;
        const double hann = 0.5 * (1 + std::cos(x * k_phases / middle));
        phases[j % k_phases][j / k_phases] = static_cast<float>(std::sin(x) / x * hann);
    }
    return phases;
}

/// The most an interpolated point can exceed the highest sample around it.
float overshoot(const Interpolator& phases)
{
    float most = 1;
    for (const auto& phase : phases) {
        float sum = 0;
        for (const float tap : phase) {
            sum += std::abs(tap);
        }
        most = std::max(most, sum);
    }
    return most;
}

/// Mean of the last `size` values, 1 before the first.
class Mean {
public:
    explicit Mean(std::size_t size) : values_(size, 1.0), sum_(static_cast<double>(size)) {}

    double push(double value)
    {
        sum_ += value - values_[next_];
        values_[next_] = value;
        next_ = (next_ + 1) % values_.size();
        return sum_ / static_cast<double>(values_.size());
    }

private:
    std::vector<double> values_;
    double sum_;
    std::size_t next_ = 0;
};

/// Least of the last `size` values.
class Least {
public:
    explicit Least(std::int64_t size) : size_(size) {}

    double push(double value)
    {
        while (!queue_.empty() && queue_.back().value >= value) {
            queue_.pop_back();
        }
        queue_.push_back({now_, value});
        if (queue_.front().at <= now_ - size_) {
            queue_.pop_front();
        }
        ++now_;
        return queue_.front().value;
    }

private:
    struct Entry {
        std::int64_t at;
        double value;
    };
    std::int64_t size_;
    std::int64_t now_ = 0;
    std::deque<Entry> queue_;
};

/// The last k_taps samples of a channel, oldest first in contiguous memory.
class Taps {
public:
    void push(float value)
    {
        next_ = (next_ + 1) % k_taps;
        values_[next_] = values_[next_ + k_taps] = value;
    }

    /// The highest magnitude from the sample k_centre before the newest up to the one after it.
    float peak(const Interpolator& phases) const
    {
        const float* newest = values_.data() + next_ + k_taps;
        float highest = std::abs(newest[-static_cast<std::ptrdiff_t>(k_centre)]);
        for (std::size_t p = 1; p < k_phases; ++p) {
            float sum = 0;
            for (std::size_t t = 0; t < k_taps; ++t) {
                sum += phases[p][t] * newest[-static_cast<std::ptrdiff_t>(t)];
            }
            highest = std::max(highest, std::abs(sum));
        }
        return highest;
    }

private:
    std::array<float, 2 * k_taps> values_{}; // written twice, so that any k_taps in a row are contiguous
    std::size_t next_ = 0;
};

} // namespace

/// How the gain gets its shape
///
/// Each moment wants a gain of ceiling / peak. The least of the last `fall + 1` wants is held, recovers
/// exponentially, and is smoothed by two moving means whose lengths together make `fall`: so at the moment a peak
/// leaves the delay line every value under both means is at or below what the peak wants, and the gain got there
/// along a curve without corners. One want more than `fall` is held because a peak lies between two samples.
struct Limiter::Impl {
    Impl(double ceiling_db, int sample_rate)
        : ceiling(std::pow(10.0, ceiling_db / 20)), recovery(1 - std::exp(-1 / (k_recovery_seconds * sample_rate))),
          half(static_cast<std::size_t>(k_fall_seconds / 2 * sample_rate)), least(static_cast<std::int64_t>(2 * half)),
          first(half), second(half), delay(2 * (latency() + 1), 0.0F),
          threshold(static_cast<float>(ceiling) / overshoot(phases))
    {
    }

    std::size_t fall() const noexcept { return 2 * half - 1; }
    std::size_t latency() const noexcept { return fall() - 1 + k_centre; }

    double wanted(float left, float right)
    {
        taps_left.push(left);
        taps_right.push(right);
        quiet_for = std::max(std::abs(left), std::abs(right)) < threshold ? quiet_for + 1 : 0;
        if (quiet_for > k_taps) {
            return 1; // nothing under the taps could overshoot that far
        }
        const double peak = std::max(taps_left.peak(phases), taps_right.peak(phases));
        return peak > ceiling ? ceiling / peak : 1;
    }

    double gain(double want)
    {
        const double held = least.push(want);
        recovering = std::min(held, recovering + (1 - recovering) * recovery);
        if (recovering > k_recovered && held >= 1) {
            recovering = 1;
        }
        const double smooth = second.push(first.push(recovering));
        lowest = std::min(lowest, smooth);
        return smooth;
    }

    double ceiling;
    double recovery;  ///< share of the way back to 1 made in one sample
    std::size_t half; ///< samples under each mean
    Least least;
    Mean first;
    Mean second;
    std::vector<float> delay; ///< ring, stereo
    std::size_t at = 0;
    Interpolator phases = interpolator();
    float threshold; ///< below this no interpolated point reaches the ceiling
    Taps taps_left;
    Taps taps_right;
    std::size_t quiet_for = 0;
    double recovering = 1;
    double lowest = 1;
};

Limiter::Limiter(double ceiling, int sample_rate) : impl_(std::make_unique<Impl>(ceiling, sample_rate)) {}

Limiter::~Limiter() = default;
Limiter::Limiter(Limiter&&) noexcept = default;
Limiter& Limiter::operator=(Limiter&&) noexcept = default;

std::size_t Limiter::latency() const noexcept
{
    return impl_->latency();
}

void Limiter::process(std::span<float> stereo)
{
    Impl& my = *impl_;
    for (std::size_t i = 0; i + 1 < stereo.size(); i += 2) {
        const double gain = my.gain(my.wanted(stereo[i], stereo[i + 1]));
        my.delay[my.at] = stereo[i];
        my.delay[my.at + 1] = stereo[i + 1];
        my.at = (my.at + 2) % my.delay.size();
        stereo[i] = static_cast<float>(my.delay[my.at] * gain);
        stereo[i + 1] = static_cast<float>(my.delay[my.at + 1] * gain);
    }
}

double Limiter::limited_db() const noexcept
{
    return std::max(0.0, -20 * std::log10(impl_->lowest));
}

} // namespace longtake::av
