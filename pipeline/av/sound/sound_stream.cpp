#include "pipeline/av/sound/sound_stream.h"

#include "pipeline/av/clip/entry.h"
#include "pipeline/av/clip/whole_file.h"
#include "pipeline/av/input.h"
#include "pipeline/av/sound/sound_tracks.h"

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

constexpr double k_missing_seconds = 0.1;       ///< how much shorter than its header says a whole stream may be
constexpr double k_longest_silence = 24 * 3600; ///< seconds; timestamps that leave out more are damaged
constexpr int k_least_rate = 1000;              ///< samples a second; others are no sound, and cost memory
constexpr int k_most_rate = 1'000'000;

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

/// Where pictures that can be shown from the first on begin, if the header and the index tell: it saves opening the
/// file once more.
std::optional<double> start_by_index(AVFormatContext* container)
{
    const int index = av_find_best_stream(container, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    const AVStream* stream = index >= 0 && told_by_header(container) ? container->streams[index] : nullptr;
    const PacketPtr first = stream != nullptr ? first_by_index(container, stream) : nullptr;
    return first && can_begin_at(stream, first.get()) ? std::optional(in_seconds(stream->start_time, stream->time_base))
                                                      : std::nullopt;
}

/// Seconds on the file's clock of the first picture that can be shown.
std::optional<double> first_picture(const std::filesystem::path& file, AVFormatContext* container, Damage damage)
{
    const bool pictures = std::any_of(container->streams, container->streams + container->nb_streams, [](AVStream* s) {
        return s->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && (s->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0 &&
               s->start_time != AV_NOPTS_VALUE;
    });
    if (!pictures) {
        return std::nullopt;
    }
    if (const auto start = start_by_index(container)) {
        return start;
    }
    try {
        return in_seconds(open_track(file, damage).origin, AV_TIME_BASE_Q);
    } catch (const Error&) {
        return std::nullopt; // it is its sound alone that is wanted
    }
}

} // namespace

SoundStream::SoundStream(const std::filesystem::path& file, std::size_t which, Damage damage)
    : name_(file.string()), damage_(damage)
{
    input_ = open_container(file, Detail::header);
    const SoundTracks tracks = sound_tracks(input_.get());
    tracks_ = tracks.heard.size();
    if (which >= tracks_) {
        throw Error(Errc::input, "'" + name_ + "': has no sound stream");
    }
    stream_ = tracks.heard[which];
    for (unsigned i = 0; i < input_->nb_streams; ++i) {
        AVStream* stream = input_->streams[i];
        stream->discard = stream == stream_ ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
    if (const auto picture = first_picture(file, input_.get(), damage)) {
        origin_kind_ = Origin::first_picture;
        origin_ = picture;
    } else if (format_is("mp4") || format_is("matroska")) {
        origin_ = 0;
    } else {
        // MP3 and raw streams have no clock of their own: libavformat starts theirs before or after the priming.
        origin_kind_ = Origin::first_sound;
    }
    heard_until_ = origin_.value_or(0);
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
    codec_->err_recognition = damage_ == Damage::refused ? AV_EF_CRCCHECK | AV_EF_EXPLODE : 0;
    check(avcodec_open2(codec_.get(), decoder, nullptr), "decode '" + name_ + "'", Errc::input);
    check_rate(rate());
}

void SoundStream::check_rate(int rate) const
{
    if (rate < k_least_rate || rate > k_most_rate) {
        throw Error(Errc::input, fmt::format("'{}': its sound has {} samples a second; {} to {} are read", name_, rate,
                                             k_least_rate, k_most_rate));
    }
}

bool SoundStream::format_is(const char* part) const
{
    return std::strstr(input_->iformat->name, part) != nullptr;
}

void SoundStream::damaged(const std::string& how) const
{
    throw Error(Errc::input, "'" + name_ + "': damaged sound: " + how +
                                 "; get the file again or convert it, or take it as decoders play it with --lenient");
}

AVFrame* SoundStream::next()
{
    const bool strict = damage_ == Damage::refused;
    for (;;) {
        av_frame_unref(frame_.get());
        const int result = avcodec_receive_frame(codec_.get(), frame_.get());
        if (result == AVERROR_EOF) {
            if (strict) {
                expect_whole();
            }
            return nullptr;
        }
        if (result == AVERROR(EAGAIN)) {
            feed();
            continue;
        }
        if (result < 0) {
            if (strict) {
                damaged(error_text(result));
            }
            continue;
        }
        if (strict && (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT))) {
            damaged("a frame does not decode");
        }
        check_rate(frame_->sample_rate);
        return frame_.get();
    }
}

/// Whether a packet of MPEG audio begins with no frame (ISO/IEC 11172-3, 2.4.1.3: eleven bits of sync): tags between
/// joined files and after the last one.
bool is_junk(const AVStream* stream, const AVPacket* packet)
{
    const AVCodecID id = stream->codecpar->codec_id;
    const bool mpeg = id == AV_CODEC_ID_MP1 || id == AV_CODEC_ID_MP2 || id == AV_CODEC_ID_MP3;
    return mpeg && (packet->size < 4 || packet->data[0] != 0xFF || (packet->data[1] & 0xE0) != 0xE0);
}

void SoundStream::feed()
{
    const bool strict = damage_ == Damage::refused;
    for (;;) {
        const int result = av_read_frame(input_.get(), packet_.get());
        if (result == AVERROR_EOF || (result < 0 && !strict)) {
            if (strict && input_->pb && input_->pb->error < 0) {
                damaged(error_text(input_->pb->error));
            }
            return send(nullptr);
        }
        if (result < 0) {
            damaged(error_text(result));
        }
        if (packet_->stream_index != stream_->index || is_junk(stream_, packet_.get())) {
            av_packet_unref(packet_.get());
            continue;
        }
        // In a transport stream a counter that jumps is no damage yet: joined files have them.
        if (strict && (packet_->flags & AV_PKT_FLAG_CORRUPT) && !format_is("wav") && !format_is("mpegts")) {
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
    if (result < 0 && result != AVERROR_EOF && damage_ == Damage::refused) {
        damaged(error_text(result));
    }
}

bool SoundStream::has_no_clock() const
{
    constexpr std::array streams = {"aac", "ac3", "amr", "dts", "eac3", "mp3"};
    return std::any_of(streams.begin(), streams.end(),
                       [&](const char* name) { return std::strcmp(input_->iformat->name, name) == 0; });
}

std::optional<std::int64_t> SoundStream::position(const AVFrame* frame)
{
    if (frame->best_effort_timestamp == AV_NOPTS_VALUE || (has_no_clock() && origin_)) {
        heard_until_ += static_cast<double>(frame->nb_samples) / frame->sample_rate;
        return std::nullopt;
    }
    const double time = in_seconds(frame->best_effort_timestamp, stream_->time_base);
    if (!origin_) {
        origin_ = time;
        heard_until_ = time;
    }
    if (std::abs(time - heard_until_) > k_longest_silence) {
        if (damage_ == Damage::refused) {
            damaged(fmt::format("its timestamps leap by {:.0f} hours", std::abs(time - heard_until_) / 3600));
        }
        heard_until_ += static_cast<double>(frame->nb_samples) / frame->sample_rate;
        return std::nullopt;
    }
    heard_until_ = time + static_cast<double>(frame->nb_samples) / frame->sample_rate;
    return std::llround((time - *origin_) * frame->sample_rate);
}

bool SoundStream::is_last(const AVFrame* frame) const
{
    const int entries = avformat_index_get_entries_count(stream_);
    const AVIndexEntry* last = entries > 0 ? avformat_index_get_entry(stream_, entries - 1) : nullptr;
    return last != nullptr && frame->pkt_dts != AV_NOPTS_VALUE && frame->pkt_dts >= last->timestamp;
}

/// Only of the last packet: recorders round the durations of the others.
int SoundStream::sounding(const AVFrame* frame) const
{
    if (!format_is("mp4") || frame->pkt_duration <= 0 || !is_last(frame)) {
        return frame->nb_samples;
    }
    const auto told = std::llround(in_seconds(frame->pkt_duration, stream_->time_base) * frame->sample_rate);
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
        heard_until_ = seconds + *origin_;
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
    if (format_is("wav") && !is_whole_file(input_.get())) {
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
