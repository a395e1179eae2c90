#include "pipeline/av/input.h"

#include "pipeline/av/h264/parameter_sets.h"
#include "pipeline/model/rate.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <new>
#include <string>

namespace longtake::av {
namespace {

/// Averages over coarse timestamps miss a rate by a share of less than this (and 29.97 from 30 is 0.001).
constexpr double k_rate_noise = 0.0001;
constexpr const char* k_protocol = "file"; ///< nothing is fetched, joined or decrypted on the way

/// Whether a container's header told everything a decoder and a clock need. MP4 does, where finding out by decoding
/// costs 50 ms a 1080p clip.
bool told_by_header(const AVFormatContext* container)
{
    if (std::strstr(container->iformat->name, "mov") == nullptr) {
        return false;
    }
    return std::all_of(container->streams, container->streams + container->nb_streams, [](const AVStream* stream) {
        const AVCodecParameters* p = stream->codecpar;
        switch (p->codec_type) {
        case AVMEDIA_TYPE_VIDEO:
            return p->codec_id != AV_CODEC_ID_NONE && p->width > 0 && p->height > 0 && p->extradata_size > 0 &&
                   stream->avg_frame_rate.num > 0 && stream->start_time != AV_NOPTS_VALUE;
        case AVMEDIA_TYPE_AUDIO:
            return p->codec_id != AV_CODEC_ID_NONE && p->sample_rate > 0 && p->ch_layout.nb_channels > 0;
        default: return true;
        }
    });
}

/// By how many frames decoding leads showing, as the stream's own header has it; the decoder may know only later.
int reorder_depth(const InputStream& input)
{
    const AVCodecParameters* p = input.stream->codecpar;
    if (p->codec_id != AV_CODEC_ID_H264 || p->extradata_size == 0) {
        return input.decoder->has_b_frames;
    }
    try {
        const auto config = h264::parse_config({p->extradata, static_cast<std::size_t>(p->extradata_size)});
        return config.sps.empty() ? 0 : h264::parse_sps(config.sps.front()).reorder_frames.value_or(0);
    } catch (const Error&) {
        return 0; // decoding it says what is wrong with it
    }
}

/// Whether pictures come out of the decoder in another order than their timestamps.
bool timed_by_decoding(const InputStream& input)
{
    const char* format = input.container->iformat->name;
    const bool no_composition_times = std::strcmp(format, "avi") == 0 || (std::strstr(format, "mov") != nullptr &&
                                                                          input.stream->codecpar->video_delay == 0);
    return input.stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && no_composition_times && reorder_depth(input) > 0;
}

std::int64_t origin_of(const InputStream& input)
{
    const AVStream* stream = input.stream;
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && stream->start_time != AV_NOPTS_VALUE) {
        return av_rescale_q(stream->start_time, stream->time_base, AV_TIME_BASE_Q);
    }
    const std::int64_t start = input.container->start_time;
    return start == AV_NOPTS_VALUE ? 0 : std::max<std::int64_t>(0, start);
}

[[noreturn]] void refuse_unreadable(const std::string& name)
{
    throw Error(Errc::input, name + ": this is no video or sound that FFmpeg can read; fetch or export it again");
}

/// Media are opened more than once and sought in: plain files only.
void check_plain(const std::filesystem::path& file)
{
    std::error_code code;
    const auto kind = std::filesystem::status(file, code).type();
    if (!code && kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found) {
        throw Error(Errc::input, file.string() + (kind == std::filesystem::file_type::directory
                                                      ? ": is a directory, not a media file"
                                                      : ": is a pipe or a device; write it to a file first"));
    }
}

ReadingPtr open_file(const std::filesystem::path& file)
{
    check_plain(file);
    AVIOContext* raw = nullptr;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "protocol_whitelist", k_protocol, 0);
    // With the protocol said, a name like "concat:a|b" or "http:x" is that of a file.
    const std::string url = std::string(k_protocol) + ":" + file.string();
    const int opened = avio_open2(&raw, url.c_str(), AVIO_FLAG_READ, nullptr, &options);
    av_dict_free(&options);
    check(opened, file.string(), Errc::input);
    return ReadingPtr(raw);
}

/// What libavformat sees of a file's name: the ending, by which it knows headerless streams. The rest would be searched
/// for patterns ("%03d") and be what relative names in the file start from.
std::string probe_name(const std::filesystem::path& file)
{
    return "media" + file.extension().string();
}

const AVInputFormat* format_of(AVIOContext* reading, const std::string& name, const std::string& file)
{
    const AVInputFormat* format = nullptr;
    const int found = av_probe_input_buffer2(reading, &format, name.c_str(), nullptr, 0, 0);
    if (found == AVERROR_INVALIDDATA) {
        refuse_unreadable(file);
    }
    check(found, file, Errc::input);
    if (std::strcmp(format->name, "image2") != 0) {
        return format;
    }
    // By their extension alone pictures are taken for a numbered sequence of files; their content says what they are.
    format = nullptr; // or it would be the answer again
    check(av_probe_input_buffer2(reading, &format, "media", nullptr, 0, 0), file, Errc::input);
    return format;
}

/// Readers of containers that want another file do not get it, and the container is marked.
int open_no_other(AVFormatContext* context, AVIOContext** /*other*/, const char* /*url*/, int /*flags*/,
                  AVDictionary** /*options*/)
{
    static bool wanted = true;
    context->opaque = &wanted;
    return AVERROR(EACCES);
}

void check_alone(const AVFormatContext* context, const std::string& name)
{
    if (context->opaque != nullptr) {
        throw Error(Errc::input, name + ": has its pictures or sound in other files, which are not opened; save it "
                                        "again as a self-contained file");
    }
}

void restrict_to(AVFormatContext* context, Accept accept)
{
    context->format_whitelist = av_strdup(format_list(accept).c_str());
    context->codec_whitelist = av_strdup(decoder_list().c_str());
    context->protocol_whitelist = av_strdup(k_protocol);
    context->io_open = open_no_other;
    context->flags |= AVFMT_FLAG_CUSTOM_IO;
}

} // namespace

double InputStream::seconds(std::int64_t pts) const noexcept
{
    return static_cast<double>(pts) * av_q2d(stream->time_base) -
           static_cast<double>(origin) / static_cast<double>(AV_TIME_BASE);
}

InputPtr open_container(const std::filesystem::path& file, Detail detail, Accept accept)
{
    const std::string name = file.string();
    ReadingPtr reading = open_file(file);
    const AVInputFormat* format = format_of(reading.get(), probe_name(file), name);
    check_accepted(format, accept, name);

    InputPtr container(avformat_alloc_context());
    if (!container) {
        throw std::bad_alloc();
    }
    restrict_to(container.get(), accept);
    container->pb = reading.get();
    AVDictionary* options = nullptr;
    // MOV can have its samples in other files. Its reader would pass over them in silence; told to open them wherever
    // they are it asks open_no_other, and the file is refused.
    av_dict_set(&options, "enable_drefs", "1", 0);
    av_dict_set(&options, "use_absolute_path", "1", 0);
    AVFormatContext* context = container.release(); // freed if opening fails, but not the file
    const int opened = avformat_open_input(&context, probe_name(file).c_str(), format, &options);
    av_dict_free(&options);
    if (opened == AVERROR_INVALIDDATA) {
        refuse_unreadable(name);
    }
    check(opened, name, Errc::input);
    container.reset(context);
    (void)reading.release(); // closed with the container
    if (detail == Detail::decoded || !told_by_header(context)) {
        check(avformat_find_stream_info(context, nullptr), name + ": read its streams", Errc::input);
    }
    check_alone(context, name);
    return container;
}

InputStream open_track(const std::filesystem::path& file, AVMediaType type)
{
    InputStream input;
    input.name = file.string();
    input.container = open_container(file, Detail::header);
    const int index = av_find_best_stream(input.container.get(), type, -1, -1, nullptr, 0);
    if (index < 0) {
        throw Error(Errc::input, input.name + ": has no " + av_get_media_type_string(type) + " stream");
    }
    input.stream = input.container->streams[index];
    if ((input.stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
        throw Error(Errc::input, input.name + ": has no video stream, only a cover picture");
    }
    for (unsigned i = 0; i < input.container->nb_streams; ++i) {
        input.container->streams[i]->discard = static_cast<int>(i) == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    input.origin = origin_of(input);
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
    if (rate.num <= 0) {
        return {25, 1};
    }
    const Rate usual = Rate{rate.num, rate.den}.usual(k_rate_noise);
    return {usual.num, usual.den};
}

int rotation_of(const AVStream* stream)
{
    const std::uint8_t* matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
    if (matrix == nullptr) {
        return 0;
    }
    const double counter_clockwise = av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
    const int clockwise = static_cast<int>(std::lround(-counter_clockwise / 90.0)) * 90;
    return ((clockwise % 360) + 360) % 360;
}

InputStream open_stream(const std::filesystem::path& file, AVMediaType type, int threads)
{
    InputStream input = open_track(file, type);
    const char* kind = av_get_media_type_string(type);
    const AVCodecID id = input.stream->codecpar->codec_id;
    const AVCodec* codec = accepted_decoder(id);
    if (codec == nullptr) {
        throw Error(Errc::input, input.name + ": there is no decoder for its " + kind + " (" + avcodec_get_name(id) +
                                     "); convert it first");
    }
    input.decoder.reset(avcodec_alloc_context3(codec));
    check(avcodec_parameters_to_context(input.decoder.get(), input.stream->codecpar), input.name, Errc::input);
    input.decoder->codec_whitelist = av_strdup(decoder_list().c_str());
    input.decoder->thread_count = threads;
    input.decoder->pkt_timebase = input.stream->time_base;
    input.decoder->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
    check(avcodec_open2(input.decoder.get(), codec, nullptr), input.name + ": open its " + kind + " decoder",
          Errc::input);
    input.timed_by_decoding = timed_by_decoding(input);
    return input;
}

bool decode_next(InputStream& input, AVPacket* packet, AVFrame* frame)
{
    while (true) {
        const int got = avcodec_receive_frame(input.decoder.get(), frame);
        if (got == 0) {
            if (frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
                throw Error(Errc::input, input.name + ": damaged frame at " +
                                             std::to_string(input.seconds(frame->best_effort_timestamp)) + " s");
            }
            return true;
        }
        if (got == AVERROR_EOF) {
            return false;
        }
        if (got != AVERROR(EAGAIN)) {
            check(got, input.name + ": decode", Errc::input);
        }
        if (!read_packet(input, packet)) {
            check(avcodec_send_packet(input.decoder.get(), nullptr), input.name + ": flush the decoder", Errc::input);
            continue;
        }
        const bool passed_over = input.wanted_from != AV_NOPTS_VALUE && packet->pts != AV_NOPTS_VALUE &&
                                 packet->pts + packet->duration < input.wanted_from;
        input.decoder->skip_frame = passed_over ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
        if (input.timed_by_decoding) {
            packet->pts = AV_NOPTS_VALUE;
        }
        const int sent = avcodec_send_packet(input.decoder.get(), packet);
        av_packet_unref(packet);
        check(sent, input.name + ": decode", Errc::input);
    }
}

bool read_packet(InputStream& input, AVPacket* packet)
{
    while (true) {
        av_packet_unref(packet);
        const int read = av_read_frame(input.container.get(), packet);
        if (read == AVERROR_EOF) {
            return false;
        }
        check(read, input.name + ": read", Errc::input);
        if (packet->stream_index != input.stream->index) {
            continue;
        }
        if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0) {
            av_packet_unref(packet);
            throw Error(Errc::input, input.name + ": damaged packet");
        }
        return true;
    }
}

} // namespace longtake::av
