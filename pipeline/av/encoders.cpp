#include "pipeline/av/encoders.h"

#include "pipeline/av/picture/colour.h"

extern "C" {
#include <libavutil/cpu.h>
}

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace longtake::av {
namespace {

std::string option_text(const nlohmann::json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// libx264's AVX-512 code for the macroblock tree (mbtree_propagate_list) takes eight macroblocks at a time and does
/// not mask those beyond the row: unless a row is a multiple of eight, uninitialised memory shapes the picture, and the
/// same frames are encoded differently from one run to the next (seen on 164 by filling what malloc returns; not with
/// AVX2).
bool reads_beyond_its_rows(int width)
{
    constexpr int k_macroblock = 16;
    constexpr int k_at_once = 8;
    return (width + k_macroblock - 1) / k_macroblock % k_at_once != 0 && (av_get_cpu_flags() & AV_CPU_FLAG_AVX512) != 0;
}

/// What libx264 does otherwise with one frame than with the rest; of its zones it looks at one alone for each frame.
///
/// Mixtures of two pictures that move each its own way: no motion fits, and searching for it in more references and
/// smaller blocks finds nothing. Measured at medium, over photographs and moving scenes: at the same CRF a third less
/// CPU for the same SSIM (within 0.0001) and 0.3 to 1.4 percent more bits. Not so in wipes and slides, whose blocks
/// belong to one picture or the other.
std::string zone_options(const MediaSpec& spec, std::int64_t frame)
{
    std::vector<std::string> options; // the bit rate has to come first
    const double finer = frame < std::ssize(spec.finer) ? spec.finer[static_cast<std::size_t>(frame)] : 0;
    if (finer != 0) { // six steps are half the quantiser
        options.push_back(fmt::format("b={:.3f}", std::exp2(finer / 6)));
    }
    const bool blend = std::ranges::any_of(
        spec.blends, [&](const Blend& run) { return frame >= run.first && frame < run.first + run.frames; });
    if (blend && spec.video.encoder_preset != "ultrafast") { // which looks at less as it is
        options.emplace_back("ref=1,partitions=i4x4+i8x8");
    }
    return fmt::format("{}", fmt::join(options, ","));
}

/// "zones=0,8,ref=1/30,30,b=1.2"; empty: all frames alike.
std::string zones_of(const MediaSpec& spec)
{
    std::int64_t end = std::ssize(spec.finer);
    for (const Blend& blend : spec.blends) {
        end = std::max(end, blend.first + blend.frames);
    }
    std::string zones;
    for (std::int64_t first = 0, next = 0; first < end; first = next) {
        const std::string options = zone_options(spec, first);
        for (next = first + 1; next < end && zone_options(spec, next) == options; ++next) {
        }
        if (!options.empty()) {
            zones += fmt::format("{}{},{},{}", zones.empty() ? "zones=" : "/", first, next - 1, options);
        }
    }
    return zones;
}

/// Ours for libx264: the same film must give the same file.
std::vector<std::string> x264_params(const MediaSpec& spec)
{
    std::vector<std::string> params;
    if (reads_beyond_its_rows(spec.size.width)) {
        params.emplace_back("asm=avx2,fma3,bmi1,bmi2,lzcnt");
    }
    if (const std::string zones = zones_of(spec); !zones.empty()) {
        params.push_back(zones);
    }
    return params;
}

/// A preset's own options, and some of ours, which the preset's win over.
nlohmann::json options_of(const MediaSpec& spec)
{
    const Preset::Video& video = spec.video;
    nlohmann::json options = video.options;
    const bool x264 = video.encoder == "libx264";
    if (!x264 && video.encoder != "libx265") {
        return options;
    }
    const char* option = x264 ? "x264-params" : "x265-params";
    // libx265 writes to the terminal itself
    std::vector<std::string> params = x264 ? x264_params(spec) : std::vector<std::string>{"log-level=error"};
    if (options.contains(option)) {
        params.push_back(option_text(options[option]));
    }
    if (!x264 && spec.light) {
        params.push_back(x265_params(*spec.light));
    }
    if (!params.empty()) {
        options[option] = fmt::format("{}", fmt::join(params, ":"));
    }
    return options;
}

void tag_colours(AVCodecContext* context, DynamicRange range)
{
    const ColourTags tags = colour_tags(range);
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(context->pix_fmt);
    const bool rgb = (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
    context->color_range = rgb ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    context->colorspace = rgb ? AVCOL_SPC_RGB : tags.matrix;
    context->color_primaries = tags.primaries;
    context->color_trc = tags.transfer;
    context->chroma_sample_location = rgb ? AVCHROMA_LOC_UNSPECIFIED : AVCHROMA_LOC_LEFT;
}

void set_pass(AVCodecContext* context, const MediaSpec& spec)
{
    if (!spec.pass) {
        return;
    }
    context->bit_rate = spec.pass->bitrate;
    context->flags |= spec.pass->number == 1 ? AV_CODEC_FLAG_PASS1 : AV_CODEC_FLAG_PASS2;
    set_option(context, spec.video.encoder, "stats", spec.pass->statistics.string());
}

} // namespace

void add_params(Preset::Video& video, const std::string& option, const std::string& params)
{
    const std::string own = video.options.value(option, "");
    video.options[option] = own.empty() ? params : own + ":" + params;
}

void set_option(AVCodecContext* context, const std::string& encoder, const std::string& key, const std::string& value)
{
    if (av_opt_set(context, key.c_str(), value.c_str(), AV_OPT_SEARCH_CHILDREN) < 0) {
        throw Error(Errc::usage, "encoder '" + encoder + "' does not take " + key + "=" + value);
    }
}

const AVCodec* find_encoder(const std::string& name)
{
    if (const AVCodec* codec = avcodec_find_encoder_by_name(name.c_str())) {
        return codec;
    }
    throw Error(Errc::usage, "encoder '" + name + "' is not in this build of FFmpeg; see `longtake doctor`");
}

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
    tag_colours(context.get(), spec.dynamic_range);
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
    if (!video.tune.empty()) {
        set_option(context.get(), video.encoder, "tune", video.tune);
    }
    if (!video.profile.empty()) {
        set_option(context.get(), video.encoder, "profile", video.profile);
    }
    set_pass(context.get(), spec);
    if (spec.interlaced) {
        context->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
        context->field_order = AV_FIELD_TT;
    }
    const nlohmann::json options = options_of(spec);
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

} // namespace longtake::av
