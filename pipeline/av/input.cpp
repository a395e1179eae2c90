#include "pipeline/av/input.h"

#include "pipeline/av/clip/accepted.h"
#include "pipeline/av/clip/entry.h"
#include "pipeline/av/clip/whole_file.h"
#include "pipeline/av/picture/colour.h"
#include "pipeline/av/picture/orientation.h"
#include "pipeline/av/sound/sound_tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace longtake::av {
namespace {

/// Averages over coarse timestamps miss a rate by a share of less than this (and 29.97 from 30 is 0.001).
constexpr double k_rate_noise = 0.0001;
constexpr double k_square = 0.005; ///< share by which pixels that count as square may miss it
constexpr double k_missing = 0.5;  ///< seconds: by how much a whole file may be shorter than its header says
constexpr double k_before = 1e-4;  ///< seconds: timestamps this near are equal
constexpr int k_least_side = 2;
constexpr double k_longest_pixel = 16;                   ///< of what shape none is, a header is not believed
constexpr std::int64_t k_latest = std::int64_t{1} << 60; ///< ticks: what is said to be later has no time

/// By how many frames decoding leads showing, as the stream's own header has it; the decoder may know only later.
int reorder_depth(const InputStream& input)
{
    const AVCodecParameters* p = input.stream->codecpar;
    if (p->codec_id != AV_CODEC_ID_H264 || p->extradata_size == 0) {
        return input.decoder->has_b_frames;
    }
    const std::optional<h264::Sps> sps = sps_of(p);
    return sps ? sps->reorder_frames.value_or(0) : 0; // decoding it says what is wrong with it
}

/// Whether pictures come out of the decoder in another order than their timestamps.
bool timed_by_decoding(const InputStream& input)
{
    const char* format = input.container->iformat->name;
    const bool no_composition_times = std::strcmp(format, "avi") == 0 || (std::strstr(format, "mov") != nullptr &&
                                                                          input.stream->codecpar->video_delay == 0);
    const bool offset = input.ahead && input.ahead->pts != AV_NOPTS_VALUE && input.ahead->pts != input.ahead->dts;
    return no_composition_times && !offset && reorder_depth(input) > 0;
}

std::int64_t origin_of(const InputStream& input)
{
    const AVStream* stream = input.stream;
    if (stream->start_time != AV_NOPTS_VALUE) {
        return av_rescale_q(stream->start_time, stream->time_base, AV_TIME_BASE_Q);
    }
    const std::int64_t start = input.container->start_time;
    return start == AV_NOPTS_VALUE ? 0 : std::max<std::int64_t>(0, start);
}

[[noreturn]] void refuse_damage(const InputStream& input, const std::string& what, std::int64_t at)
{
    const std::string when = at == AV_NOPTS_VALUE ? "" : fmt::format(" at {:.2f} s", std::max(0.0, input.seconds(at)));
    throw Error(Errc::input, fmt::format("{}: {} is damaged{}; get the file again, or take it as decoders show it with "
                                         "--lenient",
                                         input.name, what, when));
}

[[noreturn]] void refuse_short(const InputStream& input)
{
    throw Error(Errc::input, fmt::format("{}: ends after {:.2f} s, before the length it claims: it may be half a "
                                         "download; get it again, or take what there is with --lenient",
                                         input.name, std::max(input.read_until, input.sound_until)));
}

double start_of(const AVFormatContext* container)
{
    return container->start_time == AV_NOPTS_VALUE ? 0 : static_cast<double>(container->start_time) / AV_TIME_BASE;
}

/// At the end of the file: a cut-off file looks to libavformat like any other.
void expect_whole(const InputStream& input)
{
    if (input.damage == Damage::passed_over) {
        return;
    }
    const double claimed = claimed_seconds(input.container.get());
    const bool indexed = told_by_header(input.container.get());
    if (!is_whole_file(input.container.get()) ||
        (!indexed && std::max(input.read_until, input.sound_until) + static_cast<double>(input.origin) / AV_TIME_BASE -
                             start_of(input.container.get()) <
                         claimed - k_missing)) {
        refuse_short(input);
    }
}

bool is_damaged(const AVFrame* frame)
{
    return frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

/// Where a packet ends, on the presentation's clock.
double end_of(const InputStream& input, const AVPacket* packet)
{
    const AVStream* stream = input.container->streams[packet->stream_index];
    const std::int64_t at = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    return at == AV_NOPTS_VALUE ? 0 : input.seconds(at + packet->duration, stream->time_base);
}

/// Of what is later the sums overflow.
bool is_possible(std::int64_t time)
{
    return time > -k_latest && time < k_latest;
}

void drop_impossible_times(AVPacket* packet)
{
    packet->pts = is_possible(packet->pts) ? packet->pts : AV_NOPTS_VALUE;
    packet->dts = is_possible(packet->dts) ? packet->dts : AV_NOPTS_VALUE;
    packet->duration = is_possible(packet->duration) ? packet->duration : 0;
}

/// The next packet of the stream from the file. In a transport stream a counter that jumps is no damage yet: joined
/// files have them, and the decoder sees what is missing.
bool next_packet(InputStream& input, AVPacket* packet)
{
    while (true) {
        av_packet_unref(packet);
        const int read = av_read_frame(input.container.get(), packet);
        if (read == AVERROR_EOF) {
            expect_whole(input);
            return false;
        }
        if (read < 0 && input.damage == Damage::passed_over) {
            return false;
        }
        check(read, input.name + ": read", Errc::input);
        drop_impossible_times(packet);
        if (packet->stream_index != input.stream->index) {
            input.sound_until = std::max(input.sound_until, end_of(input, packet));
            continue;
        }
        const bool counted = std::strcmp(input.container->iformat->name, "mpegts") == 0;
        if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0 && !counted && input.damage == Damage::refused) {
            refuse_damage(input, "a packet", packet->pts);
        }
        input.read_until = std::max(input.read_until, end_of(input, packet));
        return true;
    }
}

/// The best video stream, from its beginning as the container has it.
InputStream best_picture(const std::filesystem::path& file, Damage damage)
{
    InputStream input;
    input.name = file.string();
    input.damage = damage;
    input.container = open_container(file, Detail::header);
    AVFormatContext* container = input.container.get();
    const int index = av_find_best_stream(container, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (index < 0) {
        throw Error(Errc::input, input.name + ": has no video stream");
    }
    input.stream = container->streams[index];
    if ((input.stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
        throw Error(Errc::input, input.name + ": has no video stream, only a cover picture");
    }
    const AVCodecParameters* p = input.stream->codecpar;
    if (p->width < k_least_side || p->height < k_least_side) {
        throw Error(Errc::input, p->width <= 0 || p->height <= 0
                                     ? input.name +
                                           ": its size is not known: it does not begin where decoding can, and "
                                           "nothing in it says; get the whole file"
                                     : fmt::format("{}: {}x{} pixels are no film", input.name, p->width, p->height));
    }
    if (std::int64_t{p->width} * p->height > k_most_pixels) {
        throw Error(Errc::input, fmt::format("{}: pictures of {}x{} pixels are too large; make them smaller than 100 "
                                             "megapixels",
                                             input.name, p->width, p->height));
    }
    input.origin = origin_of(input);
    const std::vector<AVStream*> heard = sound_tracks(container).heard;
    const AVStream* sound = heard.empty() ? nullptr : heard.front();
    const bool indexed = told_by_header(container);
    if (sound != nullptr && indexed && sound->duration != AV_NOPTS_VALUE) {
        const std::int64_t start = sound->start_time == AV_NOPTS_VALUE ? 0 : sound->start_time;
        input.sound_until =
            input.seconds(start, sound->time_base) + av_q2d(sound->time_base) * static_cast<double>(sound->duration);
    }
    for (unsigned i = 0; i < container->nb_streams; ++i) {
        AVStream* stream = container->streams[i];
        const bool wanted = stream == input.stream || (stream == sound && !indexed);
        stream->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    return input;
}

const AVCodec* decoder_of(const InputStream& input)
{
    const AVCodecID id = input.stream->codecpar->codec_id;
    const AVCodec* codec = accepted_decoder(id);
    if (codec == nullptr) {
        throw Error(Errc::input, input.name + ": there is no decoder for its video (" + avcodec_get_name(id) +
                                     "); convert it first");
    }
    // Transparency of VP8 and VP9 is a stream beside the stream, which libvpx alone reads.
    const AVDictionaryEntry* alpha = av_dict_get(input.stream->metadata, "alpha_mode", nullptr, 0);
    if (alpha != nullptr && std::strcmp(alpha->value, "1") == 0) {
        const char* name = id == AV_CODEC_ID_VP8 ? "libvpx" : id == AV_CODEC_ID_VP9 ? "libvpx-vp9" : "";
        const AVCodec* with_alpha = avcodec_find_decoder_by_name(name);
        return with_alpha != nullptr ? with_alpha : codec;
    }
    return codec;
}

void set_recognition(InputStream& input)
{
    const bool strict = input.damage == Damage::refused && !input.cut_in;
    // Zeros after a picture's last slice are how MPEG-2 of a constant bit rate is filled up (ISO/IEC 13818-2, 5.2.3):
    // libavcodec takes them for damage where it is to look at the bitstream.
    const AVCodecID codec = input.decoder->codec_id;
    const int bitstream = codec == AV_CODEC_ID_MPEG2VIDEO || codec == AV_CODEC_ID_MPEG1VIDEO ? 0 : AV_EF_BITSTREAM;
    input.decoder->err_recognition = strict ? AV_EF_EXPLODE | AV_EF_CRCCHECK | bitstream | AV_EF_BUFFER : 0;
}

void open_decoder(InputStream& input, int threads)
{
    const AVCodec* codec = decoder_of(input);
    input.decoder.reset(avcodec_alloc_context3(codec));
    check(avcodec_parameters_to_context(input.decoder.get(), input.stream->codecpar), input.name, Errc::input);
    input.decoder->codec_whitelist = av_strdup(decoder_list().c_str());
    input.decoder->thread_count = threads;
    input.decoder->max_pixels = k_most_pixels;
    if (codec->id == AV_CODEC_ID_MPEG4) { // libavcodec 59 aborts where one of several frames at once stops at damage
        input.decoder->thread_type = FF_THREAD_SLICE;
    }
    input.decoder->pkt_timebase = input.stream->time_base;
    set_recognition(input);
    check(avcodec_open2(input.decoder.get(), codec, nullptr), input.name + ": open its video decoder", Errc::input);
}

AVDiscard left_out(const InputStream& input, const AVPacket* packet)
{
    const std::int64_t at = packet->pts;
    const bool passed_over =
        input.wanted_from != AV_NOPTS_VALUE && at != AV_NOPTS_VALUE && at + packet->duration < input.wanted_from;
    if (input.sparse && input.decoder->codec_id != AV_CODEC_ID_HEVC) {
        return AVDISCARD_BIDIR;
    }
    return passed_over || input.sparse ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

/// Feeds the decoder until it gives a frame, of whatever kind.
bool decode_any(InputStream& input, AVPacket* packet, AVFrame* frame)
{
    const bool passing = input.cut_in || input.damage == Damage::passed_over;
    while (true) {
        const int got = avcodec_receive_frame(input.decoder.get(), frame);
        if (got == 0) {
            keep_known_colours(frame);
            return true;
        }
        if (got == AVERROR_EOF) {
            return false;
        }
        if (got != AVERROR(EAGAIN) && !passing) {
            refuse_damage(input, "a frame", packet->pts);
        }
        if (!read_packet(input, packet)) {
            check(avcodec_send_packet(input.decoder.get(), nullptr), input.name + ": flush the decoder", Errc::input);
            continue;
        }
        const std::int64_t at = packet->pts;
        input.decoder->skip_frame = left_out(input, packet);
        if (input.timed_by_decoding) {
            packet->pts = AV_NOPTS_VALUE;
        }
        const int sent = avcodec_send_packet(input.decoder.get(), packet);
        av_packet_unref(packet);
        if (sent < 0 && !passing) {
            refuse_damage(input, "a frame", at);
        }
    }
}

/// When the first picture is shown that can be decoded, in AV_TIME_BASE units. `input`: at its beginning.
std::int64_t first_shown(InputStream input)
{
    input.cut_in = true;
    open_decoder(input, 1);
    const PacketPtr packet(av_packet_alloc());
    const FramePtr frame(av_frame_alloc());
    while (decode_any(input, packet.get(), frame.get())) {
        if (!is_damaged(frame.get()) && frame->best_effort_timestamp != AV_NOPTS_VALUE) {
            return av_rescale_q(frame->best_effort_timestamp, input.stream->time_base, AV_TIME_BASE_Q);
        }
    }
    throw Error(Errc::input, input.name + ": no picture of it can be shown: it does not begin where decoding can, and "
                                          "holds no keyframe; get the whole file");
}

} // namespace

double InputStream::seconds(std::int64_t pts) const noexcept
{
    return seconds(pts, stream->time_base);
}

double InputStream::seconds(std::int64_t time, AVRational base) const noexcept
{
    return static_cast<double>(time) * av_q2d(base) - static_cast<double>(origin) / static_cast<double>(AV_TIME_BASE);
}

InputStream open_track(const std::filesystem::path& file, Damage damage)
{
    InputStream input = best_picture(file, damage);
    input.ahead.reset(av_packet_alloc());
    if (!next_packet(input, input.ahead.get())) {
        input.ahead.reset();
        return input;
    }
    if (!can_begin_at(input.stream, input.ahead.get())) {
        const std::int64_t shown = first_shown(std::move(input));
        input = best_picture(file, damage);
        input.cut_in = true;
        input.origin = shown;
    } else {
        input.first.reset(av_packet_clone(input.ahead.get()));
    }
    return input;
}

AVRational rate_of(const AVStream* stream)
{
    AVRational rate = stream->avg_frame_rate.num > 0 ? stream->avg_frame_rate : stream->r_frame_rate;
    // No stream is faster than the rate on whose grid all its timestamps lie; AVI counts the empty packets it pads
    // with.
    if (stream->r_frame_rate.num > 0 && av_q2d(rate) > 1.5 * av_q2d(stream->r_frame_rate)) {
        rate = stream->r_frame_rate;
    }
    if (rate.num <= 0 || rate.den <= 0) {
        return {25, 1};
    }
    const Rate usual = Rate{rate.num, rate.den}.usual(k_rate_noise);
    return {usual.num, usual.den};
}

View bytes_of(const AVPacket* packet)
{
    return {packet->data, static_cast<std::size_t>(std::max(0, packet->size))};
}

View header_of(const AVCodecParameters* parameters)
{
    return {parameters->extradata, static_cast<std::size_t>(std::max(0, parameters->extradata_size))};
}

std::unique_ptr<StreamHeader> header_of(const InputStream& input, const SpliceableCodec& codec)
{
    return codec.read_header(header_of(input.stream->codecpar), input.first ? bytes_of(input.first.get()) : View());
}

std::optional<h264::Sps> sps_of(const AVCodecParameters* p)
{
    if (p->codec_id != AV_CODEC_ID_H264 || p->extradata_size == 0) {
        return std::nullopt;
    }
    try {
        const auto config = h264::parse_config(header_of(p));
        return config.sps.empty() ? std::nullopt : std::optional(h264::parse_sps(config.sps.front()));
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool is_square(AVRational pixel_aspect) noexcept
{
    return pixel_aspect.num <= 0 || pixel_aspect.den <= 0 || std::abs(av_q2d(pixel_aspect) - 1) <= k_square;
}

AVRational pixel_aspect(AVFormatContext* container, AVStream* stream, AVFrame* frame)
{
    const AVRational aspect = av_guess_sample_aspect_ratio(container, stream, frame);
    const bool believed = aspect.den > 0 && av_q2d(aspect) <= k_longest_pixel && av_q2d(aspect) >= 1 / k_longest_pixel;
    return is_square(aspect) || !believed ? AVRational{1, 1} : aspect;
}

Size displayed_size(AVFormatContext* container, AVStream* stream)
{
    const AVCodecParameters* p = stream->codecpar;
    const double aspect = av_q2d(pixel_aspect(container, stream, nullptr));
    Size size{static_cast<int>(std::lround(p->width * aspect)), p->height};
    if (orientation_of(stream).swaps_sides()) {
        std::swap(size.width, size.height);
    }
    return size;
}

InputStream open_stream(const std::filesystem::path& file, int threads, Damage damage)
{
    InputStream input = open_track(file, damage);
    open_decoder(input, threads);
    input.timed_by_decoding = timed_by_decoding(input);
    return input;
}

void expect_all(InputStream& input)
{
    input.ahead.reset();
    input.cut_in = false;
    set_recognition(input);
}

bool decode_next(InputStream& input, AVPacket* packet, AVFrame* frame)
{
    while (decode_any(input, packet, frame)) {
        const bool damaged = is_damaged(frame);
        const std::int64_t at = frame->best_effort_timestamp;
        if (input.cut_in) { // what comes before the first picture that can be shown
            if (damaged || (at != AV_NOPTS_VALUE && input.seconds(at) < -k_before)) {
                continue;
            }
            input.cut_in = false;
            set_recognition(input);
        }
        if (damaged && input.damage == Damage::refused) {
            refuse_damage(input, "a frame", at);
        }
        return true;
    }
    return false;
}

bool read_packet(InputStream& input, AVPacket* packet)
{
    av_packet_unref(packet);
    if (input.ahead) {
        av_packet_move_ref(packet, input.ahead.get());
        input.ahead.reset();
        return true;
    }
    return next_packet(input, packet);
}

} // namespace longtake::av
