#include "pipeline/av/media_writer.h"

#include "pipeline/av/muxer.h"

namespace longtake::av {

struct MediaWriter::Impl {
    Impl(const std::filesystem::path& part, const MediaSpec& media, SoundSource sound)
        : spec(media), name(part.string()), muxer(part, media, std::move(sound)),
          video(open_video_encoder(media, muxer.global_header()))
    {
        const Handle<AVCodecParameters, avcodec_parameters_free> parameters(avcodec_parameters_alloc());
        check(avcodec_parameters_from_context(parameters.get(), video.get()), "write '" + name + "'");
        muxer.begin(parameters.get());
    }

    PacketSink sink()
    {
        return [this](AVPacket* packet) {
            bytes += packet->size;
            muxer.write(packet);
        };
    }

    MediaSpec spec;
    std::string name;
    Muxer muxer;
    CodecPtr video;
    std::int64_t frames = 0;
    std::int64_t bytes = 0;
};

MediaWriter::MediaWriter(const std::filesystem::path& part, const MediaSpec& spec, SoundSource sound)
    : impl_(std::make_unique<Impl>(part, spec, std::move(sound)))
{
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
    encode(impl_->video.get(), timed(frame, impl_->frames++).get(), impl_->sink());
}

void MediaWriter::finish()
{
    encode(impl_->video.get(), nullptr, impl_->sink());
    impl_->muxer.finish();
}

std::int64_t MediaWriter::frames() const noexcept
{
    return impl_->frames;
}

std::int64_t MediaWriter::picture_bytes() const noexcept
{
    return impl_->bytes;
}

} // namespace longtake::av
