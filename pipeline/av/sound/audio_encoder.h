#pragma once

#include "pipeline/av/encoders.h"

#include <deque>
#include <future>
#include <span>
#include <vector>

namespace longtake::av {

/// Turns interleaved stereo float at 48 kHz into packets of a codec, at its own rate, format and frame size.
///
/// AAC is encoded in pieces of about ten seconds, as many side by side as there are cores: a packet depends on the
/// samples under its window and on what the encoder learned from the frames before, so each piece is begun some frames
/// early, and those packets are dropped. Where pieces begin is fixed by the samples: the same sound gives the same
/// packets on any machine.
class AudioEncoder {
public:
    /// Throws Error(usage) naming the encoder that is not there.
    AudioEncoder(const Preset::Audio& spec, bool global_header);

    /// `stereo` is interleaved at 48 kHz. Packets reach `sink` in order, on the caller's thread, some pieces late.
    void feed(std::span<const float> stereo, const PacketSink& sink);
    void finish(const PacketSink& sink);

    /// The encoder's parameters.
    const AVCodecContext* context() const noexcept { return context_.get(); }

private:
    struct FifoFree {
        void operator()(void* fifo) const noexcept;
    };
    using Packets = std::vector<PacketPtr>;

    void frame_samples(const PacketSink& sink, bool flush);
    bool in_pieces() const noexcept;
    std::int64_t early() const noexcept;
    void take(FramePtr frame, const PacketSink& sink);
    void begin_piece(std::int64_t count, bool last);
    void hand_off_frame(const PacketSink& sink, std::size_t still_encoding);

    Preset::Audio spec_;
    bool global_header_;
    CodecPtr context_; ///< encodes what is not encoded in pieces; of what is, knows the parameters
    ResamplerPtr resampler_;
    std::unique_ptr<void, FifoFree> fifo_;
    std::int64_t samples_ = 0;
    int frame_size_ = 0;
    std::int64_t begun_ = 0;                    ///< frames that earlier pieces make
    std::vector<FramePtr> frames_;              ///< of the piece being gathered, and those it is begun early with
    std::deque<std::future<Packets>> encoding_; ///< in order
};

/// Without an edit list the encoder's priming would be heard as delay: so many samples of the sound are left out
/// at its head instead.
std::size_t head_to_drop(const MediaSpec& spec, const AudioEncoder& encoder) noexcept;

} // namespace longtake::av
