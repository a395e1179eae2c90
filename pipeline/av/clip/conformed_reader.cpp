#include "pipeline/av/clip/conformed_reader.h"

#include "pipeline/av/clip/clip_reader.h"
#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/picture/reframe.h"
#include "pipeline/av/picture/to_hdr.h"

#include <utility>

namespace longtake::av {

Conform conform_of(const Timeline& timeline, const Range& range)
{
    return {timeline.size, timeline.rate, range.fit, range.background, damage_of(range)};
}

Damage damage_of(const Range& range) noexcept
{
    return range.damaged ? Damage::passed_over : Damage::refused;
}

/// Just under half a tick: rounding of coarse time bases must not flip a frame, a true tie stays behind.
constexpr double k_half = 0.499;

namespace {

const char* conformed_format(DynamicRange range)
{
    return range == DynamicRange::sdr ? "yuv420p" : "yuv420p10le";
}

ClipReader opened(const std::filesystem::path& file, const Conform& to, std::int64_t first)
{
    ClipReader::Options options;
    options.start = to.rate.seconds(first);
    options.early = k_half / to.rate.fps();
    options.damage = to.damage;
    options.background = to.background;
    options.wanted = to.rate;
    options.range = to.range;
    return {file, options};
}

} // namespace

struct ConformedReader::Impl {
    Impl(const std::filesystem::path& file, const Conform& to, std::int64_t first_frame)
        : rate(to.rate), reader(opened(file, to, first_frame)),
          reframe(to.size, to.fit, conformed_format(to.range), reader.orientation(), to.range), tick(first_frame)
    {
        ahead = reader.next();
    }

    /// Moves on to the picture that is shown at the tick.
    void advance()
    {
        const double now = rate.seconds(tick) + k_half / rate.fps();
        while (ahead && (!current || ahead->seconds <= now)) {
            current = std::move(ahead->frame);
            shown.reset();
            ahead = reader.next();
        }
    }

    bool ended() const { return !current || (!ahead && rate.seconds(tick) >= reader.end() - k_half / rate.fps()); }

    Rate rate;
    ClipReader reader;
    Reframe reframe;
    std::int64_t tick;
    std::optional<VideoReader::Shown> ahead;
    std::optional<Frame> current;
    std::optional<Frame> shown; ///< `current`, reframed
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
    if (to.range == DynamicRange::sdr) {
        return Reframe(to.size, to.fit, "yuv420p", reader.orientation()).apply(shown->frame);
    }
    return Reframe(to.size, to.fit, conformed_format(to.range), reader.orientation(), to.range)
        .apply(ToHdr(to.range).apply(shown->frame));
}

} // namespace longtake::av
