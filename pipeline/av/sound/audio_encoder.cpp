#include "pipeline/av/sound/audio_encoder.h"

#include "pipeline/base/parallel.h"

extern "C" {
#include <libavutil/audio_fifo.h>
}

#include <algorithm>
#include <limits>

namespace longtake::av {
namespace {

constexpr int k_source_rate = 48000;
constexpr int k_free_frame_size = 1024; ///< for codecs without a frame size of their own (PCM)

/// Bits a second from which FFmpeg's documentation calls its "fast" AAC coder the better one; and it takes half the
/// time.
constexpr std::int64_t k_fast_aac = 128'000;

constexpr std::int64_t k_piece = 480;      ///< frames; of 1024 samples at 48 kHz: 10.24 s
constexpr std::int64_t k_least_piece = 96; ///< below this what is encoded early costs more than a second core brings
constexpr std::int64_t k_early = 24; ///< frames until psychoacoustic model (4) and bit rate (24) have settled: measured
constexpr std::int64_t k_late = 1;   ///< frames the encoder looks at beyond the last of a piece

std::string encoder_name(const std::string& codec)
{
    return codec == "opus" ? "libopus" : codec;
}

AVFrame* checked(AVFrame* frame)
{
    if (frame == nullptr) {
        throw std::bad_alloc();
    }
    return frame;
}

CodecPtr open_audio_encoder(const Preset::Audio& spec, bool global_header)
{
    const AVCodec* codec = find_encoder(encoder_name(spec.codec));
    CodecPtr context(avcodec_alloc_context3(codec));
    context->sample_fmt = codec->sample_fmts != nullptr ? codec->sample_fmts[0] : AV_SAMPLE_FMT_FLT;
    context->sample_rate = spec.sample_rate;
    context->time_base = {1, spec.sample_rate};
    context->bit_rate = spec.bitrate;
    av_channel_layout_default(&context->ch_layout, spec.channels);
    if (global_header) {
        context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    if (spec.codec == "aac" && spec.bitrate >= k_fast_aac) {
        set_option(context.get(), spec.codec, "aac_coder", "fast");
    }
    check(avcodec_open2(context.get(), codec, nullptr), "open encoder '" + spec.codec + "'", Errc::usage);
    return context;
}

/// A piece of the sound: frames to be fed, and which of the packets count.
struct Piece {
    std::vector<FramePtr> frames;
    std::int64_t from = 0;  ///< PTS of the first packet that counts
    std::int64_t until = 0; ///< PTS of the first after them
};

std::vector<PacketPtr> encode_piece(const Piece& piece, const Preset::Audio& spec, bool global_header)
{
    const CodecPtr encoder = open_audio_encoder(spec, global_header);
    std::vector<PacketPtr> packets;
    const PacketSink keep = [&](const AVPacket* packet) {
        if (packet->pts >= piece.from && packet->pts < piece.until) {
            packets.emplace_back(av_packet_clone(packet));
            if (!packets.back()) {
                throw std::bad_alloc();
            }
        }
    };
    for (const FramePtr& frame : piece.frames) {
        encode(encoder.get(), frame.get(), keep);
    }
    encode(encoder.get(), nullptr, keep);
    return packets;
}

} // namespace

void AudioEncoder::FifoFree::operator()(void* fifo) const noexcept
{
    av_audio_fifo_free(static_cast<AVAudioFifo*>(fifo));
}

AudioEncoder::AudioEncoder(const Preset::Audio& spec, bool global_header)
    : spec_(spec), global_header_(global_header), context_(open_audio_encoder(spec, global_header)),
      frame_size_(context_->frame_size > 0 ? context_->frame_size : k_free_frame_size)
{
    AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    SwrContext* resampler = nullptr;
    check(swr_alloc_set_opts2(&resampler, &context_->ch_layout, context_->sample_fmt, context_->sample_rate, &stereo,
                              AV_SAMPLE_FMT_FLT, k_source_rate, 0, nullptr),
          "convert sound");
    resampler_.reset(resampler);
    check(swr_init(resampler), "convert sound");
    fifo_.reset(av_audio_fifo_alloc(context_->sample_fmt, spec.channels, frame_size_ * 4));
}

void AudioEncoder::feed(std::span<const float> stereo, const PacketSink& sink)
{
    const int in_samples = static_cast<int>(stereo.size() / 2);
    const int room = swr_get_out_samples(resampler_.get(), in_samples);
    const FramePtr converted(checked(av_frame_alloc()));
    converted->format = context_->sample_fmt;
    converted->nb_samples = std::max(1, room);
    check(av_channel_layout_copy(&converted->ch_layout, &context_->ch_layout), "convert sound");
    check(av_frame_get_buffer(converted.get(), 0), "convert sound");
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(stereo.data());
    const int made = check(
        swr_convert(resampler_.get(), converted->extended_data, room, stereo.empty() ? nullptr : &bytes, in_samples),
        "convert sound");
    check(av_audio_fifo_write(static_cast<AVAudioFifo*>(fifo_.get()),
                              reinterpret_cast<void**>(converted->extended_data), made),
          "buffer sound");
    frame_samples(sink, false);
}

void AudioEncoder::frame_samples(const PacketSink& sink, bool flush)
{
    auto* fifo = static_cast<AVAudioFifo*>(fifo_.get());
    while (av_audio_fifo_size(fifo) >= frame_size_ || (flush && av_audio_fifo_size(fifo) > 0)) {
        FramePtr frame(checked(av_frame_alloc()));
        frame->format = context_->sample_fmt;
        frame->sample_rate = context_->sample_rate;
        frame->nb_samples = std::min(frame_size_, av_audio_fifo_size(fifo));
        check(av_channel_layout_copy(&frame->ch_layout, &context_->ch_layout), "encode sound");
        check(av_frame_get_buffer(frame.get(), 0), "encode sound");
        check(av_audio_fifo_read(fifo, reinterpret_cast<void**>(frame->extended_data), frame->nb_samples),
              "encode sound");
        frame->pts = samples_;
        samples_ += frame->nb_samples;
        take(std::move(frame), sink);
    }
}

bool AudioEncoder::in_pieces() const noexcept
{
    return context_->codec_id == AV_CODEC_ID_AAC;
}

void AudioEncoder::take(FramePtr frame, const PacketSink& sink)
{
    if (!in_pieces()) {
        encode(context_.get(), frame.get(), sink);
        return;
    }
    frames_.push_back(std::move(frame));
    if (std::ssize(frames_) == early() + k_piece + k_late) {
        begin_piece(k_piece, false);
        hand_off_frame(sink, static_cast<std::size_t>(thread_count(0)));
    }
}

std::int64_t AudioEncoder::early() const noexcept
{
    return begun_ == 0 ? 0 : k_early;
}

/// Encodes the next `count` frames on a thread of its own, and keeps what the piece after it is begun with.
void AudioEncoder::begin_piece(std::int64_t count, bool last)
{
    const std::int64_t from = begun_ * frame_size_ - context_->initial_padding;
    const std::int64_t until = last ? std::numeric_limits<std::int64_t>::max() : from + count * frame_size_;
    const auto end = last ? frames_.end() : frames_.begin() + early() + count + k_late;
    Piece piece{{}, from, until};
    std::transform(frames_.begin(), end, std::back_inserter(piece.frames),
                   [](const FramePtr& frame) { return FramePtr(checked(av_frame_clone(frame.get()))); });
    frames_.erase(frames_.begin(), last ? end : frames_.begin() + early() + count - k_early);
    begun_ += count;
    encoding_.push_back(std::async(k_beside, [piece = std::move(piece), spec = spec_, header = global_header_] {
        return encode_piece(piece, spec, header);
    }));
}

/// Waits for the oldest pieces until no more than so many are being encoded.
void AudioEncoder::hand_off_frame(const PacketSink& sink, std::size_t still_encoding)
{
    while (encoding_.size() > still_encoding) {
        const Packets packets = encoding_.front().get();
        encoding_.pop_front();
        for (const PacketPtr& packet : packets) {
            sink(packet.get());
        }
    }
}

void AudioEncoder::finish(const PacketSink& sink)
{
    feed({}, sink);
    frame_samples(sink, true);
    if (in_pieces()) {
        const std::int64_t left = std::ssize(frames_) - early();
        if (left >= 2 * k_least_piece) { // while one core encodes the last piece, the others have nothing to do
            begin_piece(left / 2, false);
        }
        begin_piece(std::ssize(frames_) - early(), true);
        hand_off_frame(sink, 0);
    } else {
        encode(context_.get(), nullptr, sink);
    }
}

std::size_t head_to_drop(const MediaSpec& spec, const AudioEncoder& encoder) noexcept
{
    return spec.edit_list ? 0 : static_cast<std::size_t>(encoder.context()->initial_padding);
}

void encode_and_hear(const MediaSpec& spec, const SoundSource& sound,
                     const std::function<void(std::span<const float>)>& heard)
{
    AudioEncoder encoder(*spec.audio, true);
    const AVCodec* codec = avcodec_find_decoder(encoder.context()->codec_id);
    const CodecPtr decoder(avcodec_alloc_context3(codec));
    const Handle<AVCodecParameters, avcodec_parameters_free> parameters(avcodec_parameters_alloc());
    check(avcodec_parameters_from_context(parameters.get(), encoder.context()), "hear");
    check(avcodec_parameters_to_context(decoder.get(), parameters.get()), "hear");
    check(avcodec_open2(decoder.get(), codec, nullptr), "hear");

    ResamplerPtr resampler;
    const FramePtr frame(checked(av_frame_alloc()));
    std::vector<float> samples;
    const auto drain = [&] {
        while (avcodec_receive_frame(decoder.get(), frame.get()) == 0) {
            if (!resampler) {
                AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
                SwrContext* raw = nullptr;
                check(swr_alloc_set_opts2(&raw, &stereo, AV_SAMPLE_FMT_FLT, frame->sample_rate, &frame->ch_layout,
                                          static_cast<AVSampleFormat>(frame->format), frame->sample_rate, 0, nullptr),
                      "hear");
                resampler.reset(raw);
                check(swr_init(raw), "hear");
            }
            samples.resize(static_cast<std::size_t>(frame->nb_samples) * 2);
            auto* out = reinterpret_cast<std::uint8_t*>(samples.data());
            check(swr_convert(resampler.get(), &out, frame->nb_samples,
                              const_cast<const std::uint8_t**>(frame->extended_data), frame->nb_samples),
                  "hear");
            heard(samples);
            av_frame_unref(frame.get());
        }
    };
    const PacketSink sink = [&](AVPacket* packet) {
        check(avcodec_send_packet(decoder.get(), packet), "hear");
        drain();
    };
    std::vector<float> block(2 * 4096);
    auto skip = head_to_drop(spec, encoder);
    while (const std::size_t got = sound(block)) {
        const std::size_t dropped = std::min(skip, got);
        skip -= dropped;
        encoder.feed({block.data() + 2 * dropped, 2 * (got - dropped)}, sink);
    }
    encoder.finish(sink);
    check(avcodec_send_packet(decoder.get(), nullptr), "hear");
    drain();
}

} // namespace longtake::av
