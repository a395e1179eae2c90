#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/base/files.h"
#include "pipeline/model/timeline.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>

namespace longtake::render {

/// What mixing the programme measured (EBU R128 / BS.1770-4).
struct Loudness {
    std::optional<double> integrated; ///< LUFS; empty: silent or shorter than 400 ms
    std::optional<double> true_peak;  ///< dBTP; empty: silent
};

/// The film's sound: clip sound with crossfades at joins, voices over it, music looped, faded and lowered under both,
/// mixed once to a scratch file of interleaved 32-bit float stereo at 48 kHz, so that memory does not grow with the
/// film. The file goes when the track and all its readers have gone.
class Soundtrack {
public:
    static constexpr int k_sample_rate = 48000;
    static constexpr int k_channels = 2;

    /// The clips' sound with crossfades at joins, at its own levels, mixed as it is read: for films of clips alone
    /// whose loudness is nobody's concern. `timeline` must outlive it.
    static av::SoundSource live(const Timeline& timeline);

    /// Mixes the whole timeline into a new file beside `scratch`.
    /// Exactly `timeline.rate.samples(timeline.frames(), 48000)` samples a channel.
    static Soundtrack mix(const Timeline& timeline, const std::filesystem::path& scratch, std::stop_token stop);

    std::int64_t samples() const noexcept { return samples_; }
    const Loudness& measured() const noexcept { return measured_; }

    /// Reads the mix at a loudness: constant gain, then a look-ahead true-peak limiter only where the gain would
    /// pass the ceiling. Each call opens a reader of its own.
    class Reader {
    public:
        ~Reader();
        Reader(Reader&&) noexcept;
        Reader& operator=(Reader&&) noexcept;

        /// Fills `stereo` (interleaved) and returns the samples a channel written; 0 at the end.
        std::size_t read(std::span<float> stereo);

        double gain_db() const noexcept; ///< the constant gain
        /// LUFS of what is handed out, where the limiter is needed (known on opening); with it a loudness may be out of
        /// reach. Empty: it is what was asked for.
        std::optional<double> reached() const noexcept;

        double limited_db() const noexcept; ///< the most the limiter takes off anywhere, dB >= 0 (known on opening)

    private:
        friend class Soundtrack;
        struct Impl;
        explicit Reader(std::unique_ptr<Impl> impl);
        std::unique_ptr<Impl> impl_;
    };

    /// `loudness` LUFS integrated, `true_peak` dBTP ceiling of what is handed out. Left as it is (no gain) when
    /// within 0.5 LU already and under the ceiling, or when nothing could be measured. Where the limiter is needed this
    /// reads the mix up to four times to find the gain. Throws Error(interrupted) when stopped meanwhile.
    Reader read(double loudness, double true_peak, std::stop_token stop = {}) const;

private:
    std::shared_ptr<const PartFile> file_;
    std::int64_t samples_ = 0;
    Loudness measured_;
};

} // namespace longtake::render
