#pragma once

#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/model/timeline.h"

#include <cstdint>
#include <span>
#include <vector>

namespace longtake::render {

/// Seconds from one start of music of so many seconds to the next, where it is looped.
double loop_period(double seconds);

/// The film's music at its gain: looped to the film's length (250 ms of crossfade where it starts again), faded in,
/// and faded out at the film's end. Samples at 48 kHz.
class MusicBed {
public:
    /// Throws Error(input) if the file has no sound.
    MusicBed(const Music& music, std::int64_t film_samples);

    /// Fills `stereo` (interleaved) with what comes next; silent after the film's end.
    void read(std::span<float> stereo);

private:
    void gather(std::size_t samples);
    void start_again();
    double gain() const;

    Music music_;
    double level_; ///< its gain, linear
    std::int64_t film_;
    std::int64_t at_ = 0;
    av::AudioReader reader_;
    bool ended_ = false;       ///< the file has ended and is not started again
    std::int64_t length_ = 0;  ///< samples of the file read in this turn
    std::vector<float> ahead_; ///< read and not yet handed out, stereo
};

/// How a sound is lowered under another.
struct Ducking {
    double depth_db = 0;
    double hold = 0;    ///< seconds it stays low after the other has ended
    double release = 0; ///< seconds in which it comes back
};

constexpr Ducking k_under_clips{-12, 0.3, 0.6};

/// What lies under speech: by WCAG 2.1, 1.4.7, 20 dB lower than it together with the bed's usual level. It stays down
/// between sentences: coming up there would be heard as pumping.
constexpr Ducking k_under_voices{-10, 1.2, 0.8};

/// Lowers one sound while another is heard, down within 80 ms *before* that starts. Smooth in dB. Works in blocks of
/// k_block samples and hears one block ahead.
class Ducker {
public:
    static constexpr std::size_t k_block = 4096;

    explicit Ducker(const Ducking& how) : how_(how) {}

    /// The sound it gives way to, one block (interleaved stereo).
    void hear(std::span<const float> sound);

    /// Lowers the other sound's block of the time heard before the last one.
    void lower(std::span<float> other);

private:
    static constexpr std::size_t k_hop = 256;
    static constexpr std::size_t k_hops = k_block / k_hop;
    static constexpr std::size_t k_window = 4; ///< hops under the short-term RMS: 21 ms

    Ducking how_;
    std::vector<double> power_ = std::vector<double>(k_window, 0.0); ///< of the last hops, a ring
    std::size_t newest_ = 0;
    std::vector<bool> sounding_; ///< per hop, from the block to be lowered on
    std::int64_t hop_ = 0;       ///< the next hop to lower
    std::int64_t until_ = -1;    ///< the last hop to be low
    double depth_ = 0;           ///< 0 up .. 1 down
    double gain_ = 1;            ///< at that depth, linear
};

} // namespace longtake::render
