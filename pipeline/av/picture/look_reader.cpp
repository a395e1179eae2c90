#include "pipeline/av/picture/look_reader.h"

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/picture/to_rgb.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::av {
namespace {

Size shrunk_to(Size size, int side)
{
    const double scale = std::min(1.0, static_cast<double>(side) / std::max(size.width, size.height));
    const auto scaled = [&](int pixels) { return std::max(1, static_cast<int>(std::lround(pixels * scale))); };
    return {scaled(size.width), scaled(size.height)};
}

VideoReader sparse_reader(const std::filesystem::path& file, const LookReader::Options& options)
{
    ReadFrom from;
    from.damage = Damage::passed_over;
    from.sparse = true;
    from.threads = 0;
    if (options.first > 0) {
        const Rate rate = options.counted ? *options.counted : VideoReader(file, from).rate();
        from.start = rate.seconds(options.first);
        from.early = rate.seconds(1) / 2;
    }
    return VideoReader(file, from);
}

} // namespace

struct LookReader::Impl {
    Impl(const std::filesystem::path& file, const Options& how)
        : options(how), reader(sparse_reader(file, how)), rate(how.counted.value_or(reader.rate())),
          every(std::max<std::int64_t>(1, std::llround(rate.fps() / how.looks))), due(how.first)
    {
    }

    Look look(const Frame& frame, std::int64_t at)
    {
        const Size size = shown_size(frame, reader.orientation());
        if (!rgb || size != shown) {
            rgb.emplace(reader.orientation(), shrunk_to(size, options.side));
            shown = size;
        }
        return {at, rgb->apply(frame), size};
    }

    Options options;
    VideoReader reader;
    Rate rate;
    std::int64_t every;          ///< frames
    std::int64_t due;            ///< the frame from which on the next look is wanted
    std::optional<Frame> before; ///< shown when the first frame begins; looked at only if no other is
    std::optional<ToRgb> rgb;
    Size shown;
};

LookReader::LookReader(const std::filesystem::path& file, const Options& options)
    : impl_(std::make_unique<Impl>(file, options))
{
}

LookReader::~LookReader() = default;
LookReader::LookReader(LookReader&&) noexcept = default;
LookReader& LookReader::operator=(LookReader&&) noexcept = default;

std::optional<LookReader::Look> LookReader::next()
{
    const std::int64_t first = impl_->options.first;
    while (auto shown = impl_->reader.next()) {
        const auto at = static_cast<std::int64_t>(std::llround(shown->seconds * impl_->rate.fps()));
        if (at >= first + impl_->options.frames) {
            break;
        }
        if (at < first) { // what it shows may have changed by then
            impl_->before = std::move(shown->frame);
        } else if (at >= impl_->due) {
            impl_->before.reset();
            impl_->due = first + ((at - first) / impl_->every + 1) * impl_->every;
            return impl_->look(shown->frame, at);
        }
    }
    const std::optional<Frame> held = std::exchange(impl_->before, std::nullopt);
    return held ? std::optional(impl_->look(*held, first)) : std::nullopt;
}

Rate LookReader::rate() const noexcept
{
    return impl_->rate;
}

} // namespace longtake::av
