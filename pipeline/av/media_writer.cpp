#include "pipeline/av/media_writer.h"

#include "pipeline/av/encoders.h"

#include <array>

namespace longtake::av {
namespace {

constexpr double k_sound_ahead = 0.5; ///< seconds the sound runs before the picture
constexpr std::size_t k_sound_block = 2048;

struct OutputFree {
    void operator()(AVFormatContext* context) const noexcept
    {
        if (context != nullptr) {
            avio_closep(&context->pb);
            avformat_free_context(context);
        }
    }
};

bool is_mp4(const std::string& container)
{
    return container == "mp4" || container == "mov";
}

} // namespace

struct MediaWriter::Impl {
    MediaSpec spec;
    std::string name;
    SoundSource sound;
    std::unique_ptr<AVFormatContext, OutputFree> output;
    CodecPtr video;
    AVStream* video_stream = nullptr; ///< owned by `output`
    std::optional<AudioEncoder> audio;
    AVStream* audio_stream = nullptr; ///< owned by `output`
    std::int64_t frames = 0;
    double sound_seconds = 0;
    std::size_t skip = 0; ///< samples still to be dropped at the head
    bool sound_ended = false;
    std::vector<float> block = std::vector<float>(2 * k_sound_block);

    void open(const std::filesystem::path& part)
    {
        AVFormatContext* raw = nullptr;
        check(avformat_alloc_output_context2(&raw, nullptr, spec.container.c_str(), part.c_str()),
              "container '" + spec.container + "'", Errc::usage);
        output.reset(raw);
        output->flags |= AVFMT_FLAG_BITEXACT; // the same film gives the same file
        const bool global_header = (output->oformat->flags & AVFMT_GLOBALHEADER) != 0;
        video = open_video_encoder(spec, global_header);
        video_stream = add_stream(video.get());
        video_stream->avg_frame_rate = video->framerate;
        video_stream->sample_aspect_ratio = {1, 1};
        if (spec.audio && sound) {
            audio.emplace(*spec.audio, global_header);
            audio_stream = add_stream(audio->context());
            skip = head_to_drop(spec, *audio);
        }
        if (!spec.title.empty()) {
            av_dict_set(&output->metadata, "title", spec.title.c_str(), 0);
        }
        check(avio_open(&output->pb, part.c_str(), AVIO_FLAG_WRITE), "write '" + name + "'");
        AVDictionary* options = nullptr;
        if (is_mp4(spec.container)) {
            av_dict_set(&options, "movflags", spec.edit_list ? "+faststart" : "+faststart+negative_cts_offsets", 0);
            if (!spec.edit_list) {
                av_dict_set(&options, "use_editlist", "0", 0);
            }
        }
        const int written = avformat_write_header(output.get(), &options);
        av_dict_free(&options);
        check(written, "write '" + name + "'");
    }

    AVStream* add_stream(AVCodecContext* encoder)
    {
        AVStream* stream = avformat_new_stream(output.get(), nullptr);
        if (stream == nullptr) {
            throw std::bad_alloc();
        }
        check(avcodec_parameters_from_context(stream->codecpar, encoder), "write '" + name + "'");
        stream->time_base = encoder->time_base;
        return stream;
    }

    PacketSink to(AVStream* stream, AVRational time_base, std::int64_t duration)
    {
        return [this, stream, time_base, duration](AVPacket* packet) {
            if (packet->duration == 0) {
                packet->duration = duration; // a one-frame MP4 without it decodes to nothing
            }
            av_packet_rescale_ts(packet, time_base, stream->time_base);
            packet->stream_index = stream->index;
            check(av_interleaved_write_frame(output.get(), packet), "write '" + name + "'");
        };
    }

    void pump_sound(double until)
    {
        if (!audio) {
            return;
        }
        const PacketSink sink = to(audio_stream, audio->context()->time_base, 0);
        while (!sound_ended && sound_seconds < until) {
            const std::size_t got = sound(block);
            sound_ended = got == 0;
            const std::size_t dropped = std::min(skip, got);
            skip -= dropped;
            audio->feed({block.data() + 2 * dropped, 2 * (got - dropped)}, sink);
            sound_seconds += static_cast<double>(got) / 48000.0;
        }
    }
};

MediaWriter::MediaWriter(const std::filesystem::path& part, const MediaSpec& spec, SoundSource sound)
    : impl_(std::make_unique<Impl>())
{
    impl_->spec = spec;
    impl_->name = part.string();
    impl_->sound = std::move(sound);
    impl_->open(part);
}

MediaWriter::~MediaWriter() = default;
MediaWriter::MediaWriter(MediaWriter&&) noexcept = default;
MediaWriter& MediaWriter::operator=(MediaWriter&&) noexcept = default;

void MediaWriter::write(const Frame& frame)
{
    if (frame.size() != impl_->spec.size || frame->format != impl_->video->pix_fmt) {
        throw Error(Errc::internal, "write '" + impl_->name + "': a frame of " + frame.size().text() +
                                        " in a film of " + impl_->spec.size.text());
    }
    const Frame timed = frame.share();
    timed->pts = impl_->frames++;
    timed->pict_type = AV_PICTURE_TYPE_NONE;
    timed->pkt_duration = 0;
    encode(impl_->video.get(), timed.get(), impl_->to(impl_->video_stream, impl_->video->time_base, 1));
    impl_->pump_sound(impl_->spec.rate.seconds(impl_->frames) + k_sound_ahead);
}

void MediaWriter::finish()
{
    encode(impl_->video.get(), nullptr, impl_->to(impl_->video_stream, impl_->video->time_base, 1));
    if (impl_->audio) {
        impl_->pump_sound(1e12);
        impl_->audio->finish(impl_->to(impl_->audio_stream, impl_->audio->context()->time_base, 0));
    }
    check(av_write_trailer(impl_->output.get()), "write '" + impl_->name + "'");
    check(avio_closep(&impl_->output->pb), "close '" + impl_->name + "'");
}

std::int64_t MediaWriter::frames() const noexcept
{
    return impl_->frames;
}

} // namespace longtake::av
