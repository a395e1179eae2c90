#include "pipeline/av/clip/video_reader.h"

#include "pipeline/av/input.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::av {

namespace {

/// Frames; H.264 and HEVC as they are encoded in practice lead by 2 or 3.
constexpr int k_least_lead = 4;

constexpr double k_rounding = 0.001; ///< seconds: a tick of the coarsest time bases

} // namespace

struct VideoReader::Impl {
    /// How the frame shown at the start is looked for.
    enum class Way { by_seeking, from_beginning, found };

    Impl(std::filesystem::path name, const ReadFrom& how) : file(std::move(name)), from(how), input(opened()) {}

    InputStream opened() const
    {
        InputStream stream = open_stream(file, from.threads, from.damage);
        stream.sparse = from.sparse;
        return stream;
    }

    std::filesystem::path file;
    ReadFrom from;
    InputStream input;
    PacketPtr packet{av_packet_alloc()};
    Way way = Way::found;
    std::optional<Shown> following; ///< decoded already, still to be given
    double end = 0;                 ///< seconds: of the last frame that was decoded

    /// Frames carry the time they are shown at; one without a timestamp follows its predecessor.
    double shown_at(const AVFrame* frame)
    {
        const double seconds = frame->best_effort_timestamp != AV_NOPTS_VALUE
                                   ? input.seconds(frame->best_effort_timestamp)
                                   : last_ + 1.0 / nominal().fps();
        last_ = seconds;
        if (input.timed_by_decoding) { // then the first frame comes with the time of what was decoded after it
            delay_ = delay_.value_or(seconds);
        }
        return seconds - delay_.value_or(0);
    }

    Rate nominal() const
    {
        const AVRational rate = rate_of(input.stream);
        return {rate.num, rate.den};
    }

    /// Sets out for the frame shown at the start. A seek by decoding time may lead to a keyframe that is decoded before
    /// that frame and shown after it, so it aims earlier by the frames decoding leads showing.
    void seek()
    {
        const double tick = av_q2d(input.stream->time_base);
        const std::int64_t origin = av_rescale_q(input.origin, AV_TIME_BASE_Q, input.stream->time_base);
        const auto target = origin + static_cast<std::int64_t>(std::floor(from.start / tick));
        const auto frame = std::llround(1 / (nominal().fps() * tick));
        const std::int64_t aim = target - std::max(k_least_lead, input.stream->codecpar->video_delay) * frame;
        way = Way::from_beginning;
        if (aim <= origin || input.timed_by_decoding) {
            return;
        }
        if (av_seek_frame(input.container.get(), input.stream->index, aim, AVSEEK_FLAG_BACKWARD) < 0) {
            start_over();
            return;
        }
        avcodec_flush_buffers(input.decoder.get());
        expect_all(input);
        input.wanted_from = target - frame / 2;
        way = Way::by_seeking;
    }

    /// Decodes from the file's beginning, every frame: always exact.
    void start_over()
    {
        input = opened();
        last_ = 0;
        delay_.reset();
        way = Way::from_beginning;
    }

    std::optional<Shown> decode()
    {
        Shown shown;
        if (!decode_next(input, packet.get(), shown.frame.get())) {
            return std::nullopt;
        }
        AVFrame* frame = shown.frame.get();
        shown.seconds = shown_at(frame);
        const double lasts = static_cast<double>(frame->pkt_duration) * av_q2d(input.stream->time_base);
        end = std::max(end, shown.seconds + (lasts > 0 ? lasts : 1 / nominal().fps()));
        frame->sample_aspect_ratio = pixel_aspect(input.container.get(), input.stream, frame);
        return shown;
    }

    std::optional<Shown> first_wanted();

private:
    bool misled(const std::optional<Shown>& before, const std::optional<Shown>& shown) const;

    double last_ = 0;
    std::optional<double> delay_; ///< of timestamps of decoding
};

/// Whether a seek may have led past the frame wanted: to no frame before the start, or to one that is shown so long
/// that others may have been left out after it.
bool VideoReader::Impl::misled(const std::optional<Shown>& before, const std::optional<Shown>& shown) const
{
    if (way != Way::by_seeking) {
        return false;
    }
    const double step = 1 / nominal().fps();
    return !before || !shown || (!from.sparse && shown->seconds - before->seconds > 1.5 * step + k_rounding);
}

/// The frame shown at the start: the last one that begins by then. Where a seek led is seen by what comes: containers
/// without an index seek into the middle of a group of pictures, recovery points and open groups give their first
/// pictures late or not at all. Then the file is read from its beginning.
std::optional<VideoReader::Shown> VideoReader::Impl::first_wanted()
{
    std::optional<Shown> before;
    while (true) {
        std::optional<Shown> shown;
        try {
            shown = decode();
        } catch (const Error&) {
            if (way != Way::by_seeking) {
                throw;
            }
            start_over();
            before.reset();
            continue;
        }
        if (shown && shown->seconds <= from.start + from.early + k_rounding) {
            before = std::move(shown);
            continue;
        }
        if (misled(before, shown)) {
            start_over();
            before.reset();
            continue;
        }
        if (!before) {
            return shown;
        }
        following = std::move(shown);
        return before;
    }
}

VideoReader::VideoReader(const std::filesystem::path& file, const ReadFrom& from)
    : impl_(std::make_unique<Impl>(file, from))
{
    if (from.start > 0) {
        impl_->seek();
    }
}

VideoReader::~VideoReader() = default;
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;

std::optional<VideoReader::Shown> VideoReader::next()
{
    if (impl_->way != Impl::Way::found) {
        auto first = impl_->first_wanted();
        impl_->way = Impl::Way::found;
        return first;
    }
    return impl_->following ? std::exchange(impl_->following, std::nullopt) : impl_->decode();
}

double VideoReader::end() const noexcept
{
    const double sound = impl_->input.sound_until;
    return sound > impl_->end + k_sound_holds ? sound : impl_->end;
}

Size VideoReader::size() const noexcept
{
    return {impl_->input.stream->codecpar->width, impl_->input.stream->codecpar->height};
}

Rate VideoReader::rate() const noexcept
{
    return impl_->nominal();
}

Orientation VideoReader::orientation() const noexcept
{
    return orientation_of(impl_->input.stream);
}

} // namespace longtake::av
