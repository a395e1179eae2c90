#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/av/picture/light_metadata.h"
#include "pipeline/model/preset.h"
#include "pipeline/model/rate.h"
#include "pipeline/model/speech/caption.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace longtake::av {

/// A named place in a film.
struct Chapter {
    std::int64_t frame = 0; ///< where it begins; it ends where the next one does
    std::string title;
};

/// Frames [first, first + frames) that mix two whole pictures.
struct Blend {
    std::int64_t first = 0;
    std::int64_t frames = 0;
};

/// One of two passes of libx264 over the same frames: the first finds out what each needs, the second spends the bit
/// rate accordingly.
struct EncoderPass {
    int number = 1;                   ///< 1 or 2
    std::int64_t bitrate = 0;         ///< bits/s, of the pictures alone
    std::filesystem::path statistics; ///< what the first writes and the second reads, and beside it ".mbtree"
};

/// A media file to write: one video stream, perhaps one audio stream and captions, at a constant frame rate.
struct MediaSpec {
    /// libavformat's name: mp4, mov, webm, matroska, mxf, gif, webp, avif; or "cmaf", see `segment_seconds`.
    std::string container = "mp4";
    Size size;
    Rate rate;
    Preset::Video video;
    std::optional<Preset::Audio> audio;
    /// Of a track of a stream ("cmaf"): fragmented MP4 without sound, a fragment for each GOP from time 0, an index of
    /// segments that last at most so many seconds.
    double segment_seconds = 6;
    bool edit_list = true; ///< false: MP4 without edit lists (YouTube, Meta); sound is advanced by the priming
    DynamicRange dynamic_range = DynamicRange::sdr;
    std::optional<LightMetadata> light{}; ///< of PQ; libx265 alone writes it
    bool interlaced = false;              ///< each frame holds two moments, the upper field first
    std::optional<EncoderPass> pass{};
    int threads = 0;   ///< of the video encoder; 0: its own choice
    std::string title; ///< container metadata; may be empty
    std::vector<Chapter> chapters{};
    std::int64_t frames = 0;         ///< where the last chapter ends; of "cmaf", of the film; otherwise not needed
    std::vector<Caption> captions{}; ///< that players show on demand, in order
    std::string language{};          ///< of them, BCP 47
    /// Counted from the first frame written: libx264 spends less time on them.
    std::vector<Blend> blends{};
    /// By frame from the first written: steps of the quantiser by which libx264 encodes it finer than the rest, at most
    /// 255 runs of different ones; frames beyond: none.
    std::vector<double> finer{};
};

/// Whether a container has a place for captions that players show on demand: MP4 and MOV (tx3g), Matroska (SubRip),
/// WebM (WebVTT).
bool holds_captions(const std::string& container);

/// Gives the sound as it is asked for: fills interleaved stereo floats at the spec's sample rate and returns the
/// samples a channel written, 0 at the end.
using SoundSource = std::function<std::size_t(std::span<float>)>;

/// Encodes frames and sound into "name.part"; the file gets its name only from the caller's commit after finish().
/// Timestamps come from the frame index on a constant grid. Sound is pulled so that it stays just ahead of the
/// picture and the file interleaves.
class MediaWriter {
public:
    /// Throws Error(usage) if the encoder does not exist in this build or refuses an option.
    MediaWriter(const std::filesystem::path& part, const MediaSpec& spec, SoundSource sound = {});
    ~MediaWriter();
    MediaWriter(MediaWriter&&) noexcept;
    MediaWriter& operator=(MediaWriter&&) noexcept;

    /// Encodes the next frame; size and pixel format must be the spec's.
    void write(const Frame& frame);

    /// Drains the encoders, writes the trailer and closes the file; a full disk is reported here at the latest.
    void finish();

    std::int64_t frames() const noexcept;

    /// Bytes of coded pictures so far, without container and sound.
    std::int64_t picture_bytes() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Encodes `sound` exactly as a MediaWriter of this spec will and decodes it again, handing every decoded sample to
/// `heard`: what a lossy codec does to the peaks is measured before it is delivered. `spec.audio` must be set.
void encode_and_hear(const MediaSpec& spec, const SoundSource& sound,
                     const std::function<void(std::span<const float>)>& heard);

} // namespace longtake::av
