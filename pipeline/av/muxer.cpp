#include "pipeline/av/muxer.h"

#include "pipeline/av/cmaf/decode_times.h"
#include "pipeline/av/cmaf/fragmented.h"
#include "pipeline/av/cmaf/segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace longtake::av {
namespace {

constexpr double k_sound_ahead = 0.5; ///< seconds the sound runs before the picture
constexpr std::int64_t k_most_timescale = 10'000'000;

/// Ticks a second of a movie's header in which whole frames and whole samples are whole numbers: in milliseconds, which
/// is libavformat's choice, tracks would begin and end beside their frames.
std::int64_t movie_timescale(const MediaSpec& spec)
{
    const std::int64_t both =
        std::lcm(std::int64_t{spec.rate.num}, std::int64_t{spec.audio ? spec.audio->sample_rate : 1});
    return both <= k_most_timescale ? both : spec.rate.num;
}

/// Tags that players ask for where libavformat would write another one.
std::uint32_t sample_entry(const AVCodecParameters* video, const std::string& container)
{
    const bool apart =
        video->codec_id == AV_CODEC_ID_HEVC && (container == "mp4" || container == "mov" || container == "cmaf");
    return apart ? MKTAG('h', 'v', 'c', '1') : video->codec_tag; // Apple's players take no hev1
}

bool is_mp4(const std::string& container)
{
    return container == "mp4" || container == "mov";
}

/// A track of a stream, which libavformat calls MP4.
bool is_fragmented(const MediaSpec& spec)
{
    return spec.container == "cmaf";
}

} // namespace

void OutputFree::operator()(AVFormatContext* context) const noexcept
{
    if (context != nullptr) {
        avio_closep(&context->pb);
        avformat_free_context(context);
    }
}

Muxer::Muxer(const std::filesystem::path& part, const MediaSpec& spec, SoundSource sound)
    : spec_(spec), name_(part.string())
{
    AVFormatContext* raw = nullptr;
    const std::string url = "file:" + name_; // else what stands before a colon would be taken for a protocol
    const char* container = is_fragmented(spec) ? "mp4" : spec.container.c_str();
    check(avformat_alloc_output_context2(&raw, nullptr, container, url.c_str()), "container '" + spec.container + "'",
          Errc::usage);
    output_.reset(raw);
    output_->flags |= AVFMT_FLAG_BITEXACT; // the same film gives the same file
    video_ = add_stream({spec.rate.den, spec.rate.num});
    if (spec.audio && sound) {
        sound_.emplace(std::move(sound), spec, global_header());
        audio_ = add_stream(sound_->context()->time_base);
        check(avcodec_parameters_from_context(audio_->codecpar, sound_->context()), "write '" + name_ + "'");
    }
    if (!spec.captions.empty()) {
        captions_.emplace(spec);
        text_ = add_stream(CaptionTrack::k_time_base);
        captions_->describe(text_);
    }
    if (!spec.title.empty()) {
        av_dict_set(&output_->metadata, "title", spec.title.c_str(), 0);
    }
    add_chapters();
    // libav opens by name only; the name is the part's own, and PartFile looks whether it still is before it renames.
    check_written(avio_open(&output_->pb, url.c_str(), AVIO_FLAG_WRITE), name_);
}

AVStream* Muxer::add_stream(AVRational time_base)
{
    AVStream* stream = avformat_new_stream(output_.get(), nullptr);
    if (stream == nullptr) {
        throw std::bad_alloc();
    }
    stream->time_base = time_base;
    return stream;
}

/// In frames, exactly: a chapter that ended after the film would make the film longer.
void Muxer::add_chapters()
{
    if (spec_.chapters.empty()) {
        return;
    }
    const std::size_t count = spec_.chapters.size();
    output_->chapters = static_cast<AVChapter**>(av_calloc(count, sizeof(AVChapter*)));
    for (std::size_t i = 0; i < count && output_->chapters != nullptr; ++i) {
        auto* chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
        if (chapter == nullptr) {
            throw std::bad_alloc();
        }
        output_->chapters[output_->nb_chapters++] = chapter; // freed with `output_`
        chapter->id = static_cast<std::int64_t>(i) + 1;
        chapter->time_base = {spec_.rate.den, spec_.rate.num};
        chapter->start = spec_.chapters[i].frame;
        chapter->end = i + 1 < count ? spec_.chapters[i + 1].frame : spec_.frames;
        av_dict_set(&chapter->metadata, "title", spec_.chapters[i].title.c_str(), 0);
    }
}

bool Muxer::global_header() const noexcept
{
    return (output_->oformat->flags & AVFMT_GLOBALHEADER) != 0;
}

void Muxer::begin(const AVCodecParameters* video)
{
    check(avcodec_parameters_copy(video_->codecpar, video), "write '" + name_ + "'");
    video_->codecpar->codec_tag = sample_entry(video, spec_.container);
    video_->avg_frame_rate = {spec_.rate.num, spec_.rate.den};
    video_->sample_aspect_ratio = {1, 1};
    AVDictionary* options = nullptr;
    if (is_mp4(spec_.container)) {
        av_dict_set(&options, "movflags", spec_.edit_list ? "+faststart" : "+faststart+negative_cts_offsets", 0);
        av_dict_set_int(&options, "movie_timescale", movie_timescale(spec_), 0);
        if (!spec_.edit_list) {
            av_dict_set(&options, "use_editlist", "0", 0);
        }
    }
    if (is_fragmented(spec_)) {
        cmaf::set_options(&options);
    }
    if (spec_.container == "webp") {
        av_dict_set(&options, "loop", "0", 0); // for ever, as GIF and AVIF do
    }
    const int written = avformat_write_header(output_.get(), &options);
    av_dict_free(&options);
    check_written(written, name_);
    if (is_fragmented(spec_)) {
        const double seconds = spec_.rate.seconds(spec_.frames);
        index_room_ = cmaf::leave_room(output_->pb, cmaf::most_segments(seconds, spec_.segment_seconds));
    }
}

PacketSink Muxer::to(AVStream* stream, AVRational time_base)
{
    return [this, stream, time_base](AVPacket* packet) {
        av_packet_rescale_ts(packet, time_base, stream->time_base);
        packet->stream_index = stream->index;
        check_written(av_interleaved_write_frame(output_.get(), packet), name_);
    };
}

void Muxer::write(AVPacket* packet)
{
    if (packet->dts <= last_dts_ || packet->pts < packet->dts) {
        throw Error(Errc::internal, fmt::format("write '{}': frame {} is decoded at {}, after {}", name_, packet->pts,
                                                packet->dts, last_dts_));
    }
    last_dts_ = packet->dts;
    packet->duration = 1; // a one-frame MP4 without it decodes to nothing
    if (is_fragmented(spec_)) {
        if ((packet->flags & AV_PKT_FLAG_KEY) != 0) {
            write_fragment();
        }
        gop_.emplace_back(av_packet_clone(packet));
        return;
    }
    to(video_, {spec_.rate.den, spec_.rate.num})(packet);
    const double until = spec_.rate.seconds(++frames_) + k_sound_ahead;
    write_sound(until);
    write_captions(until);
}

/// A GOP, which is shown from the first frame that is not written yet.
void Muxer::write_fragment()
{
    if (gop_.empty()) {
        return;
    }
    frames_ += std::ssize(gop_);
    cmaf::write_fragment(output_.get(), video_, {spec_.rate.den, spec_.rate.num}, gop_, frames_);
    gop_.clear();
}

void Muxer::write_sound(double until)
{
    if (!sound_) {
        return;
    }
    const PacketSink sink = to(audio_, sound_->context()->time_base);
    while (const PacketPtr packet = sound_->next_before(until)) {
        sink(packet.get());
    }
}

void Muxer::write_captions(double until)
{
    if (!captions_) {
        return;
    }
    const PacketSink sink = to(text_, CaptionTrack::k_time_base);
    while (const PacketPtr packet = captions_->next_before(until)) {
        sink(packet.get());
    }
}

void Muxer::finish()
{
    constexpr double k_end = 1e12;
    write_fragment();
    write_sound(k_end);
    write_captions(k_end);
    check_written(av_write_trailer(output_.get()), name_);
    check_written(avio_closep(&output_->pb), name_);
    if (is_fragmented(spec_)) {
        cmaf::write_segment_index(name_, index_room_, spec_.segment_seconds);
    }
}

} // namespace longtake::av
