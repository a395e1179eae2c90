#include "pipeline/av/splice/segment_encoder.h"

#include "pipeline/av/encoders.h"

namespace longtake::av {

struct SegmentEncoder::Impl {
    explicit Impl(MediaSpec media) : spec(std::move(media))
    {
        spec.threads = 1;
        if (spec.video.encoder == "libx264") { // headers that do not depend on the quality: segments may differ in it
            const std::string own = spec.video.options.value("x264-params", "");
            spec.video.options["x264-params"] = own.empty() ? "stitchable=1" : own + ":stitchable=1";
        }
        encoder = open_video_encoder(spec, true);
    }

    PacketSink sink()
    {
        return [this](const AVPacket* packet) {
            segment.packets.push_back({{packet->data, packet->data + packet->size}, packet->pts});
        };
    }

    MediaSpec spec;
    CodecPtr encoder;
    EncodedSegment segment;
    std::int64_t frames = 0;
};

SegmentEncoder::SegmentEncoder(const MediaSpec& spec) : impl_(std::make_unique<Impl>(spec)) {}
SegmentEncoder::~SegmentEncoder() = default;
SegmentEncoder::SegmentEncoder(SegmentEncoder&&) noexcept = default;
SegmentEncoder& SegmentEncoder::operator=(SegmentEncoder&&) noexcept = default;

void SegmentEncoder::write(const Frame& frame)
{
    if (frame.size() != impl_->spec.size || frame->format != impl_->encoder->pix_fmt) {
        throw Error(Errc::internal,
                    "encode: a frame of " + frame.size().text() + " in a film of " + impl_->spec.size.text());
    }
    encode(impl_->encoder.get(), timed(frame, impl_->frames++).get(), impl_->sink());
}

EncodedSegment SegmentEncoder::finish()
{
    encode(impl_->encoder.get(), nullptr, impl_->sink());
    impl_->segment.parameters = parameters();
    return std::move(impl_->segment);
}

int SegmentEncoder::reorder() const noexcept
{
    return impl_->encoder->has_b_frames;
}

std::vector<std::uint8_t> SegmentEncoder::parameters() const
{
    const AVCodecContext* encoder = impl_->encoder.get();
    return {encoder->extradata, encoder->extradata + encoder->extradata_size};
}

} // namespace longtake::av
