#include "pipeline/av/conformed_reader.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/reframe.h"
#include "pipeline/av/video_reader.h"

#include <utility>

namespace longtake::av {

struct ConformedReader::Impl {
    Impl(const std::filesystem::path& file, const Conform& to, std::int64_t first_frame)
        : rate(to.rate), reader(file, to.rate.seconds(first_frame)),
          reframe(to.size, to.fit, "yuv420p", reader.rotation()), tick(first_frame)
    {
        source_step = 1 / reader.rate().fps();
        ahead = reader.next();
    }

    /// Moves on to the source frame nearest to the tick.
    void advance()
    {
        const double now = rate.seconds(tick);
        // Just under half a step: rounding of coarse time bases must not flip a frame, a true tie stays behind.
        while (ahead && (!current || ahead->seconds <= now + 0.499 * source_step)) {
            current_seconds = ahead->seconds;
            current = std::move(ahead->frame);
            shown.reset();
            ahead = reader.next();
        }
    }

    bool ended() const
    {
        return !current || (!ahead && rate.seconds(tick) >= current_seconds + source_step - 0.5 / rate.fps() * 0.998);
    }

    Rate rate;
    VideoReader reader;
    Reframe reframe;
    std::int64_t tick;
    double source_step = 0;
    std::optional<VideoReader::Shown> ahead;
    std::optional<Frame> current;
    std::optional<Frame> shown; ///< `current`, reframed
    double current_seconds = 0;
};

ConformedReader::ConformedReader(const std::filesystem::path& file, const Conform& to, std::int64_t first)
    : impl_(std::make_unique<Impl>(file, to, first))
{
}

ConformedReader::~ConformedReader() = default;
ConformedReader::ConformedReader(ConformedReader&&) noexcept = default;
ConformedReader& ConformedReader::operator=(ConformedReader&&) noexcept = default;

std::optional<Frame> ConformedReader::next()
{
    impl_->advance();
    if (impl_->ended()) {
        return std::nullopt;
    }
    if (!impl_->shown) {
        impl_->shown = impl_->reframe.apply(*impl_->current);
    }
    ++impl_->tick;
    return impl_->shown->share();
}

Frame read_still(const std::filesystem::path& file, const Conform& to)
{
    VideoReader reader(file);
    auto shown = reader.next();
    if (!shown) {
        throw Error(Errc::input, file.string() + ": holds no picture");
    }
    return Reframe(to.size, to.fit, "yuv420p", reader.rotation()).apply(shown->frame);
}

} // namespace longtake::av
