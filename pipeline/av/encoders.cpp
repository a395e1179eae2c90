#include "pipeline/av/encoders.h"

extern "C" {
#include <libavutil/audio_fifo.h>
#include <libavutil/cpu.h>
}

#include <algorithm>
#include <array>
#include <cmath>

namespace longtake::av {
namespace {

constexpr int k_source_rate = 48000;
constexpr int k_free_frame_size = 1024; ///< for codecs without a frame size of their own (PCM)

/// Bits a second from which FFmpeg's documentation calls its "fast" AAC coder the better one; and it takes half the
/// time.
constexpr std::int64_t k_fast_aac = 128'000;

void set_option(AVCodecContext* context, const std::string& encoder, const std::string& key, const std::string& value)
{
    if (av_opt_set(context, key.c_str(), value.c_str(), AV_OPT_SEARCH_CHILDREN) < 0) {
        throw Error(Errc::usage, "encoder '" + encoder + "' does not take " + key + "=" + value);
    }
}

std::string option_text(const nlohmann::json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

const AVCodec* find_encoder(const std::string& name)
{
    if (const AVCodec* codec = avcodec_find_encoder_by_name(name.c_str())) {
        return codec;
    }
    throw Error(Errc::usage, "encoder '" + name + "' is not in this build of FFmpeg; see `longtake doctor`");
}

std::string audio_encoder_name(const std::string& codec)
{
    return codec == "opus" ? "libopus" : codec;
}

/// A preset's own options, and one of ours: libx264 164 with its AVX-512 code encodes the same frames differently from
/// one run to the next, even on one thread (with AVX2, SSE4.2 or without mbtree it does not); the same film must give
/// the same file.
nlohmann::json options_of(const Preset::Video& video)
{
    nlohmann::json options = video.options;
    if (video.encoder == "libx264" && (av_get_cpu_flags() & AV_CPU_FLAG_AVX512) != 0) {
        const std::string own = options.value("x264-params", "");
        options["x264-params"] = "asm=avx2,fma3,bmi1,bmi2,lzcnt" + (own.empty() ? own : ":" + own);
    }
    return options;
}

AVFrame* checked(AVFrame* frame)
{
    if (frame == nullptr) {
        throw std::bad_alloc();
    }
    return frame;
}

} // namespace

CodecPtr open_video_encoder(const MediaSpec& spec, bool global_header)
{
    const Preset::Video& video = spec.video;
    const AVCodec* codec = find_encoder(video.encoder);
    CodecPtr context(avcodec_alloc_context3(codec));
    context->width = spec.size.width;
    context->height = spec.size.height;
    context->pix_fmt = av_get_pix_fmt(video.pixel_format.c_str());
    if (context->pix_fmt == AV_PIX_FMT_NONE) {
        throw Error(Errc::usage, "unknown pixel format '" + video.pixel_format + "'");
    }
    context->time_base = {spec.rate.den, spec.rate.num};
    context->framerate = {spec.rate.num, spec.rate.den};
    context->sample_aspect_ratio = {1, 1};
    context->color_range = AVCOL_RANGE_MPEG;
    context->colorspace = AVCOL_SPC_BT709;
    context->color_primaries = AVCOL_PRI_BT709;
    context->color_trc = AVCOL_TRC_BT709;
    context->chroma_sample_location = AVCHROMA_LOC_LEFT;
    context->thread_count = spec.threads;
    if ((codec->capabilities & AV_CODEC_CAP_ENCODER_REORDERED_OPAQUE) != 0 || video.codec == "h264") {
        context->max_b_frames = video.bframes;
    }
    if (video.gop_seconds > 0) {
        context->gop_size = std::max(1, static_cast<int>(spec.rate.frames(video.gop_seconds)));
    }
    context->flags |= AV_CODEC_FLAG_CLOSED_GOP;
    if (global_header) {
        context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    if (video.crf) {
        set_option(context.get(), video.encoder, "crf", std::to_string(*video.crf));
    }
    if (video.max_bitrate) {
        context->rc_max_rate = *video.max_bitrate;
        context->rc_buffer_size = static_cast<int>(std::min<std::int64_t>(*video.max_bitrate * 2, INT32_MAX));
    }
    if (!video.encoder_preset.empty()) {
        set_option(context.get(), video.encoder, "preset", video.encoder_preset);
    }
    if (!video.profile.empty()) {
        set_option(context.get(), video.encoder, "profile", video.profile);
    }
    const nlohmann::json options = options_of(video);
    for (const auto& [key, value] : options.items()) {
        set_option(context.get(), video.encoder, key, option_text(value));
    }
    check(avcodec_open2(context.get(), codec, nullptr),
          "open encoder '" + video.encoder + "' for " + spec.size.text() + " " + video.pixel_format, Errc::usage);
    return context;
}

Frame timed(const Frame& frame, std::int64_t pts)
{
    Frame out = frame.share();
    out->pts = pts;
    out->pict_type = AV_PICTURE_TYPE_NONE;
    out->pkt_duration = 0;
    return out;
}

void encode(AVCodecContext* encoder, const AVFrame* frame, const PacketSink& sink)
{
    check(avcodec_send_frame(encoder, frame), "encode");
    const PacketPtr packet(av_packet_alloc());
    while (true) {
        const int got = avcodec_receive_packet(encoder, packet.get());
        if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) {
            return;
        }
        check(got, "encode");
        sink(packet.get());
        av_packet_unref(packet.get());
    }
}

void AudioEncoder::FifoFree::operator()(void* fifo) const noexcept
{
    av_audio_fifo_free(static_cast<AVAudioFifo*>(fifo));
}

AudioEncoder::AudioEncoder(const Preset::Audio& spec, bool global_header)
{
    const AVCodec* codec = find_encoder(audio_encoder_name(spec.codec));
    context_.reset(avcodec_alloc_context3(codec));
    context_->sample_fmt = codec->sample_fmts != nullptr ? codec->sample_fmts[0] : AV_SAMPLE_FMT_FLT;
    context_->sample_rate = spec.sample_rate;
    context_->time_base = {1, spec.sample_rate};
    context_->bit_rate = spec.bitrate;
    av_channel_layout_default(&context_->ch_layout, spec.channels);
    if (global_header) {
        context_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    if (spec.codec == "aac" && spec.bitrate >= k_fast_aac) {
        set_option(context_.get(), spec.codec, "aac_coder", "fast");
    }
    check(avcodec_open2(context_.get(), codec, nullptr), "open encoder '" + spec.codec + "'", Errc::usage);
    frame_size_ = context_->frame_size > 0 ? context_->frame_size : k_free_frame_size;

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
    encode_whole_frames(sink, false);
}

void AudioEncoder::encode_whole_frames(const PacketSink& sink, bool flush)
{
    auto* fifo = static_cast<AVAudioFifo*>(fifo_.get());
    while (av_audio_fifo_size(fifo) >= frame_size_ || (flush && av_audio_fifo_size(fifo) > 0)) {
        const FramePtr frame(checked(av_frame_alloc()));
        frame->format = context_->sample_fmt;
        frame->sample_rate = context_->sample_rate;
        frame->nb_samples = std::min(frame_size_, av_audio_fifo_size(fifo));
        check(av_channel_layout_copy(&frame->ch_layout, &context_->ch_layout), "encode sound");
        check(av_frame_get_buffer(frame.get(), 0), "encode sound");
        check(av_audio_fifo_read(fifo, reinterpret_cast<void**>(frame->extended_data), frame->nb_samples),
              "encode sound");
        frame->pts = samples_;
        samples_ += frame->nb_samples;
        encode(context_.get(), frame.get(), sink);
    }
}

void AudioEncoder::finish(const PacketSink& sink)
{
    feed({}, sink);
    encode_whole_frames(sink, true);
    encode(context_.get(), nullptr, sink);
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
