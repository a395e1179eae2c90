#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace longtake::av {

/// Look-ahead true-peak limiter over interleaved stereo float. Peaks are found 4 times oversampled (ITU-R BS.1770-4,
/// annex 2); both channels get the same gain, which falls over the 5 ms before a peak and recovers exponentially
/// (150 ms). What is nowhere near a peak above the ceiling passes bit for bit.
class Limiter {
public:
    /// `ceiling` in dBTP.
    Limiter(double ceiling, int sample_rate);
    ~Limiter();
    Limiter(Limiter&&) noexcept;
    Limiter& operator=(Limiter&&) noexcept;

    /// How many samples a channel the sound comes out later than it went in.
    std::size_t latency() const noexcept;

    /// Limits in place; what comes out went in latency() samples earlier (silence before the first).
    void process(std::span<float> stereo);

    /// The most taken off so far, dB >= 0.
    double limited_db() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
