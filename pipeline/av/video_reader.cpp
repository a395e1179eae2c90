#include "pipeline/av/video_reader.h"

#include "pipeline/av/input.h"

#include <cmath>

namespace longtake::av {

struct VideoReader::Impl {
    InputStream input;
    PacketPtr packet{av_packet_alloc()};
    double start = 0;

    /// Frames carry the time they are shown at; one without a timestamp follows its predecessor.
    double shown_at(const AVFrame* frame)
    {
        const double seconds = frame->best_effort_timestamp != AV_NOPTS_VALUE
                                   ? input.seconds(frame->best_effort_timestamp)
                                   : last_ + 1.0 / nominal().fps();
        last_ = seconds;
        return seconds;
    }

    Rate nominal() const
    {
        const AVRational rate = rate_of(input.stream);
        return {rate.num, rate.den};
    }

    void seek()
    {
        const auto target = static_cast<std::int64_t>(std::floor(start / av_q2d(input.stream->time_base))) +
                            av_rescale_q(input.origin, AV_TIME_BASE_Q, input.stream->time_base);
        if (av_seek_frame(input.container.get(), input.stream->index, target, AVSEEK_FLAG_BACKWARD) < 0) {
            check(avformat_seek_file(input.container.get(), -1, INT64_MIN, 0, INT64_MAX, 0), input.name + ": rewind",
                  Errc::input);
        }
        avcodec_flush_buffers(input.decoder.get());
        input.wanted_from = target - std::llround(0.5 / (nominal().fps() * av_q2d(input.stream->time_base)));
    }

private:
    double last_ = 0;
};

VideoReader::VideoReader(const std::filesystem::path& file, double start_seconds, int threads)
    : impl_(std::make_unique<Impl>())
{
    impl_->input = open_stream(file, AVMEDIA_TYPE_VIDEO, threads);
    impl_->start = start_seconds;
    if (start_seconds > 0) {
        impl_->seek();
    }
}

VideoReader::~VideoReader() = default;
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;

std::optional<VideoReader::Shown> VideoReader::next()
{
    while (true) {
        Shown shown;
        if (!decode_next(impl_->input, impl_->packet.get(), shown.frame.get())) {
            return std::nullopt;
        }
        shown.seconds = impl_->shown_at(shown.frame.get());
        // After a seek the decoder starts at a keyframe before the one asked for.
        if (shown.seconds + 0.5 / rate().fps() >= impl_->start) {
            return shown;
        }
    }
}

Size VideoReader::size() const noexcept
{
    return {impl_->input.stream->codecpar->width, impl_->input.stream->codecpar->height};
}

Rate VideoReader::rate() const noexcept
{
    return impl_->nominal();
}

int VideoReader::rotation() const noexcept
{
    return rotation_of(impl_->input.stream);
}

} // namespace longtake::av
