#pragma once

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/media_writer.h"

#include <functional>
#include <span>

namespace longtake::av {

/// Receives each packet an encoder gives, in the encoder's time base; it may move the reference out.
using PacketSink = std::function<void(AVPacket*)>;

/// Opens the video encoder a spec asks for: constant rate, closed GOP, BT.709 limited, square pixels.
/// Throws Error(usage) naming the encoder or option that is not there.
CodecPtr open_video_encoder(const MediaSpec& spec, bool global_header);

/// The same picture with its place in time, ready for an encoder.
Frame timed(const Frame& frame, std::int64_t pts);

/// Sends one frame (null: the end) and hands on what comes out.
void encode(AVCodecContext* encoder, const AVFrame* frame, const PacketSink& sink);

/// Turns interleaved stereo float at 48 kHz into packets of a codec, at its own rate, format and frame size.
class AudioEncoder {
public:
    AudioEncoder(const Preset::Audio& spec, bool global_header);

    /// `stereo` is interleaved at 48 kHz.
    void feed(std::span<const float> stereo, const PacketSink& sink);
    void finish(const PacketSink& sink);

    AVCodecContext* context() const noexcept { return context_.get(); }

private:
    struct FifoFree {
        void operator()(void* fifo) const noexcept;
    };
    void encode_whole_frames(const PacketSink& sink, bool flush);

    CodecPtr context_;
    ResamplerPtr resampler_;
    std::unique_ptr<void, FifoFree> fifo_;
    std::int64_t samples_ = 0;
    int frame_size_ = 0;
};

/// Without an edit list the encoder's priming would be heard as delay: so many samples of the sound are left out
/// at its head instead.
std::size_t head_to_drop(const MediaSpec& spec, const AudioEncoder& encoder) noexcept;

} // namespace longtake::av
