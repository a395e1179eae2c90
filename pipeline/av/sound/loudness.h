#pragma once

#include <memory>
#include <optional>
#include <span>

namespace longtake::av {

/// EBU R128 / ITU-R BS.1770-4 meter over interleaved stereo float at 48 kHz (libebur128).
class LoudnessMeter {
public:
    explicit LoudnessMeter(int sample_rate = 48000, int channels = 2);
    ~LoudnessMeter();
    LoudnessMeter(LoudnessMeter&&) noexcept;
    LoudnessMeter& operator=(LoudnessMeter&&) noexcept;

    void add(std::span<const float> interleaved);

    std::optional<double> integrated() const; ///< LUFS; empty: gated away or shorter than 400 ms
    std::optional<double> true_peak() const;  ///< dBTP, 4x oversampled; empty: digital silence
    std::optional<double> range() const;      ///< LRA in LU
    std::optional<double> short_term() const; ///< LUFS of the last 3 s; empty: silent

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
