#include "pipeline/av/input.h"

#include <algorithm>

namespace longtake::av {

double InputStream::seconds(std::int64_t pts) const noexcept
{
    return static_cast<double>(pts) * av_q2d(stream->time_base) -
           static_cast<double>(origin) / static_cast<double>(AV_TIME_BASE);
}

InputPtr open_container(const std::filesystem::path& file)
{
    AVFormatContext* context = nullptr;
    check(avformat_open_input(&context, file.c_str(), nullptr, nullptr), file.string(), Errc::input);
    InputPtr container(context);
    check(avformat_find_stream_info(context, nullptr), file.string() + ": read its streams", Errc::input);
    return container;
}

InputStream open_stream(const std::filesystem::path& file, AVMediaType type, int threads)
{
    InputStream input;
    input.name = file.string();
    input.container = open_container(file);
    const char* kind = av_get_media_type_string(type);

    const AVCodec* codec = nullptr;
    const int index = av_find_best_stream(input.container.get(), type, -1, -1, &codec, 0);
    if (index == AVERROR_STREAM_NOT_FOUND) {
        throw Error(Errc::input, input.name + ": has no " + kind + " stream");
    }
    check(index, input.name + ": find a decoder for its " + kind, Errc::input);
    input.stream = input.container->streams[index];
    for (unsigned i = 0; i < input.container->nb_streams; ++i) {
        input.container->streams[i]->discard = static_cast<int>(i) == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    const std::int64_t start = input.container->start_time;
    input.origin = start == AV_NOPTS_VALUE ? 0 : std::max<std::int64_t>(0, start);

    input.decoder.reset(avcodec_alloc_context3(codec));
    check(avcodec_parameters_to_context(input.decoder.get(), input.stream->codecpar), input.name, Errc::input);
    input.decoder->thread_count = threads;
    input.decoder->pkt_timebase = input.stream->time_base;
    input.decoder->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
    check(avcodec_open2(input.decoder.get(), codec, nullptr), input.name + ": open its " + kind + " decoder",
          Errc::input);
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
        const int read = av_read_frame(input.container.get(), packet);
        if (read == AVERROR_EOF) {
            check(avcodec_send_packet(input.decoder.get(), nullptr), input.name + ": flush the decoder", Errc::input);
            continue;
        }
        check(read, input.name + ": read", Errc::input);
        if (packet->stream_index == input.stream->index) {
            if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0) {
                av_packet_unref(packet);
                throw Error(Errc::input, input.name + ": damaged packet");
            }
            const int sent = avcodec_send_packet(input.decoder.get(), packet);
            av_packet_unref(packet);
            check(sent, input.name + ": decode", Errc::input);
        } else {
            av_packet_unref(packet);
        }
    }
}

} // namespace longtake::av
