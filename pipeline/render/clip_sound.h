#pragma once

#include "pipeline/av/clip/damage.h"
#include "pipeline/model/timeline.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace longtake::render {

/// A gain that goes from 0 to 1 or back between two moments of the film (samples at 48 kHz) and stays there.
struct Ramp {
    enum class Direction { in, out };
    enum class Law {
        linear, ///< a falling and a rising one add up to 1: right where both sides continue one sound
        power,  ///< their squares add up to 1: right for unrelated sounds
    };
    std::int64_t from = 0;
    std::int64_t to = 0;
    Direction direction = Direction::in;
    Law law = Law::linear;

    double gain(std::int64_t at) const noexcept;
};

/// A stretch of one file's sound and its place in the film; all positions in samples at 48 kHz.
struct SoundPiece {
    std::string shot;
    std::filesystem::path file;
    av::Damage damage = av::Damage::refused;
    std::int64_t source = 0; ///< first sample of the file
    std::int64_t begin = 0;  ///< where it is heard
    std::int64_t end = 0;    ///< where its pictures end
    std::int64_t until = 0;  ///< where it is silent at last: past a cut it sounds on for 10 ms
    std::vector<Ramp> ramps; ///< multiplied
};

/// Which sound is heard where. Ranges that continue each other in one file are one piece. At cuts and where a shot's
/// takes join, 10 ms of crossfade; overlaps crossfade over the transition; held transitions fade the outgoing shot
/// under the standing picture, but for morphs, which sound as cuts do; fades through black or white pass through
/// silence.
std::vector<SoundPiece> sound_pieces(const Timeline& timeline);

/// The clips' sound, mixed, from the film's start to its end and silent after it. Files are open only while heard.
class ClipSound {
public:
    explicit ClipSound(const Timeline& timeline);
    ~ClipSound();
    ClipSound(ClipSound&&) noexcept;
    ClipSound& operator=(ClipSound&&) noexcept;

    /// Fills `stereo` (interleaved) with what comes next. Throws Error(input) on a damaged file.
    void read(std::span<float> stereo);

private:
    class Voice;
    std::vector<SoundPiece> pieces_; ///< by begin
    std::size_t next_ = 0;           ///< the first piece not yet heard
    std::vector<std::unique_ptr<Voice>> voices_;
    std::int64_t at_ = 0;
};

} // namespace longtake::render
