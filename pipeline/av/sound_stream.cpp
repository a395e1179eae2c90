#include "pipeline/av/sound_stream.h"

#include "pipeline/av/input.h"

extern "C" {
#include <libavutil/parseutils.h>
}

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

namespace longtake::av {

namespace {

constexpr double k_missing_seconds = 0.1; ///< how much shorter than its header says a whole stream may be
constexpr double k_coarse_tick = 0.0005;  ///< seconds: time bases above this count milliseconds

double in_seconds(std::int64_t time, AVRational base)
{
    return static_cast<double>(time) * av_q2d(base);
}

/// Whether the last Ogg page is all there. Its header is 27 bytes and a table of segment lengths (RFC 3533, 6).
bool ends_with_whole_page(AVIOContext* io)
{
    std::array<unsigned char, 1 << 17> tail{}; // a page is at most 65307 bytes
    const std::int64_t size = io ? avio_size(io) : -1;
    if (size <= 0 || avio_seek(io, std::max<std::int64_t>(0, size - std::int64_t{tail.size()}), SEEK_SET) < 0) {
        return true; // cannot tell
    }
    const int count = avio_read(io, tail.data(), static_cast<int>(tail.size()));
    const std::string_view bytes(reinterpret_cast<const char*>(tail.data()), std::max(0, count));
    const std::size_t page = bytes.rfind("OggS");
    if (page == std::string_view::npos || page + 27 > bytes.size() || page + 27 + tail[page + 26] > bytes.size()) {
        return false;
    }
    std::size_t end = page + 27 + tail[page + 26];
    for (std::size_t i = 0; i < tail[page + 26]; ++i) {
        end += tail[page + 27 + i];
    }
    return end <= bytes.size();
}

/// Whether a WAV file is as long as its RIFF header says. Programs that write to a pipe cannot know the length and
/// leave 0 or a huge number, for which any length is right (and for which libavformat calls the last packet corrupt).
bool is_whole_wav(AVIOContext* io)
{
    constexpr unsigned unknown = 0x7ffff000; // SoX's; FFmpeg leaves 0xffffffff
    const std::int64_t size = io ? avio_size(io) : -1;
    if (size <= 0 || avio_seek(io, 4, SEEK_SET) < 0) {
        return true; // cannot tell
    }
    const unsigned told = avio_rl32(io);
    return told == 0 || told >= unknown || std::int64_t{told} + 8 <= size + 1; // a pad byte may be missing
}

} // namespace

SoundStream::SoundStream(const std::filesystem::path& file) : name_(file.string())
{
    input_ = open_container(file, Detail::header);
    AVFormatContext* opened = input_.get();
    const AVStream* picture = nullptr;
    for (unsigned i = 0; i < opened->nb_streams; ++i) {
        AVStream* stream = opened->streams[i];
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && !stream_) {
            stream_ = stream;
            continue;
        }
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !picture &&
            !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC)) {
            picture = stream;
        }
        stream->discard = AVDISCARD_ALL;
    }
    if (!stream_) {
        throw Error(Errc::input, "'" + name_ + "': has no sound stream");
    }
    if (picture && picture->start_time != AV_NOPTS_VALUE) {
        origin_kind_ = Origin::first_picture;
        origin_ = in_seconds(picture->start_time, picture->time_base);
    } else if (format_is("mp4") || format_is("matroska")) {
        origin_ = 0;
    } else {
        // MP3 and raw streams have no clock of their own: libavformat starts theirs before or after the priming.
        origin_kind_ = Origin::first_sound;
    }
    open_codec();
}

void SoundStream::open_codec()
{
    const AVCodec* decoder = accepted_decoder(stream_->codecpar->codec_id);
    if (!decoder) {
        throw Error(Errc::input, "'" + name_ + "': no decoder for " + avcodec_get_name(stream_->codecpar->codec_id));
    }
    codec_.reset(avcodec_alloc_context3(decoder));
    check(avcodec_parameters_to_context(codec_.get(), stream_->codecpar), "decode '" + name_ + "'", Errc::input);
    codec_->pkt_timebase = stream_->time_base; // without it priming is cut but timestamps do not follow
    codec_->thread_count = 1;
    codec_->err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE;
    check(avcodec_open2(codec_.get(), decoder, nullptr), "decode '" + name_ + "'", Errc::input);
    if (rate() <= 0) {
        throw Error(Errc::input, "'" + name_ + "': its sound has no sample rate");
    }
}

bool SoundStream::format_is(const char* part) const
{
    return std::strstr(input_->iformat->name, part) != nullptr;
}

std::int64_t SoundStream::tolerance() const noexcept
{
    return rate() * (av_q2d(stream_->time_base) > k_coarse_tick ? 10 : 1) / 1000;
}

void SoundStream::damaged(const std::string& how) const
{
    throw Error(Errc::input, "'" + name_ + "': damaged sound: " + how + "; get the file again or convert it");
}

AVFrame* SoundStream::next()
{
    for (;;) {
        av_frame_unref(frame_.get());
        const int result = avcodec_receive_frame(codec_.get(), frame_.get());
        if (result == AVERROR_EOF) {
            expect_whole();
            return nullptr;
        }
        if (result == AVERROR(EAGAIN)) {
            feed();
            continue;
        }
        if (result < 0) {
            damaged(error_text(result));
        }
        if (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT)) {
            damaged("a frame does not decode");
        }
        if (frame_->sample_rate != rate()) {
            damaged("its sample rate changes midway");
        }
        return frame_.get();
    }
}

void SoundStream::feed()
{
    for (;;) {
        const int result = av_read_frame(input_.get(), packet_.get());
        if (result == AVERROR_EOF) {
            if (input_->pb && input_->pb->error < 0) {
                damaged(error_text(input_->pb->error));
            }
            return send(nullptr);
        }
        if (result < 0) {
            damaged(error_text(result));
        }
        if (packet_->stream_index != stream_->index) {
            av_packet_unref(packet_.get());
            continue;
        }
        if ((packet_->flags & AV_PKT_FLAG_CORRUPT) && !format_is("wav")) {
            damaged("a packet is incomplete");
        }
        last_dts_ = packet_->dts;
        send(packet_.get());
        return av_packet_unref(packet_.get());
    }
}

void SoundStream::send(const AVPacket* packet)
{
    const int result = avcodec_send_packet(codec_.get(), packet);
    if (result < 0 && result != AVERROR_EOF) {
        damaged(error_text(result));
    }
}

std::optional<std::int64_t> SoundStream::position(const AVFrame* frame)
{
    if (frame->best_effort_timestamp == AV_NOPTS_VALUE) {
        return std::nullopt;
    }
    const double time = in_seconds(frame->best_effort_timestamp, stream_->time_base);
    heard_until_ = time + static_cast<double>(frame->nb_samples) / rate();
    if (!origin_) {
        origin_ = time;
    }
    return std::llround((time - *origin_) * rate());
}

int SoundStream::sounding(const AVFrame* frame) const
{
    if (!format_is("mp4") || frame->pkt_duration <= 0) {
        return frame->nb_samples;
    }
    const auto told = std::llround(in_seconds(frame->pkt_duration, stream_->time_base) * rate());
    return static_cast<int>(std::min<std::int64_t>(told, frame->nb_samples));
}

void SoundStream::seek(double seconds)
{
    if (origin_kind_ == Origin::first_sound || !(format_is("mp4") || format_is("matroska"))) {
        return;
    }
    const auto target = static_cast<std::int64_t>((seconds + *origin_) / av_q2d(stream_->time_base));
    if (av_seek_frame(input_.get(), stream_->index, target, AVSEEK_FLAG_BACKWARD) >= 0) {
        avcodec_flush_buffers(codec_.get());
    }
}

std::optional<double> SoundStream::claimed_seconds() const
{
    if (input_->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) {
        return std::nullopt;
    }
    const double start =
        stream_->start_time == AV_NOPTS_VALUE ? 0 : std::max(0.0, in_seconds(stream_->start_time, stream_->time_base));
    if (stream_->duration != AV_NOPTS_VALUE) {
        return start + in_seconds(stream_->duration, stream_->time_base);
    }
    // Matroska has no length per stream; FFmpeg and mkvmerge write one as a tag.
    const AVDictionaryEntry* tag = av_dict_get(stream_->metadata, "DURATION", nullptr, AV_DICT_IGNORE_SUFFIX);
    std::int64_t micros = 0;
    if (tag && av_parse_time(&micros, tag->value, 1) >= 0) {
        return in_seconds(micros, AV_TIME_BASE_Q);
    }
    if (input_->nb_streams == 1 && input_->duration != AV_NOPTS_VALUE) {
        return start + in_seconds(input_->duration, AV_TIME_BASE_Q);
    }
    return std::nullopt;
}

/// The end of a cut-off file looks to libavformat like any other end, so what came is compared with what was promised.
void SoundStream::expect_whole() const
{
    if (format_is("mp4")) {
        const int entries = avformat_index_get_entries_count(stream_);
        const AVIndexEntry* last = entries > 0 ? avformat_index_get_entry(stream_, entries - 1) : nullptr;
        if (last && (last_dts_ == AV_NOPTS_VALUE || last_dts_ < last->timestamp)) {
            damaged("it ends before its last indexed packet");
        }
        return;
    }
    if (format_is("wav") && !is_whole_wav(input_->pb)) {
        damaged("it is shorter than its header says");
    }
    if (format_is("ogg") && !ends_with_whole_page(input_->pb)) {
        damaged("its last page is incomplete");
    }
    const auto claimed = claimed_seconds();
    if (claimed && heard_until_ < *claimed - k_missing_seconds) {
        damaged(fmt::format("it ends after {:.2f} s of {:.2f} s", heard_until_, *claimed));
    }
}

} // namespace longtake::av
