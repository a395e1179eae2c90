#include "pipeline/av/clip/clip_reader.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/picture/ground.h"
#include "pipeline/av/picture/to_bt709.h"
#include "pipeline/av/picture/to_hdr.h"

#include <utility>

namespace longtake::av {

struct ClipReader::Impl {
    Impl(std::filesystem::path name, Options how)
        : file(std::move(name)), options(std::move(how)), reader(opened(options.start))
    {
        if (options.range != DynamicRange::sdr) {
            high.emplace(options.range);
        }
        coming = reader.next();
        if (coming && is_interlaced(*coming)) {
            begin_deinterlacing();
        }
    }

    VideoReader opened(double start) const { return VideoReader(file, {start, options.early, 1, options.damage}); }

    Fields fields() const
    {
        constexpr double k_faster = 1.5;
        const bool each = options.wanted && options.wanted->fps() >= k_faster * reader.rate().fps();
        return each ? Fields::each : Fields::keep_rate;
    }

    static bool is_interlaced(const VideoReader::Shown& shown) { return shown.frame.get()->interlaced_frame != 0; }

    /// From two pictures earlier, so that the first one wanted is made as it would be in the middle of the clip.
    void begin_deinterlacing()
    {
        deinterlacer.emplace(fields());
        if (options.start > 0) {
            reader = opened(std::max(0.0, options.start - 2.5 / reader.rate().fps()));
            coming = reader.next();
        }
    }

    /// The next whole picture.
    std::optional<VideoReader::Shown> progressive()
    {
        while (true) {
            if (deinterlacer) {
                if (auto made = deinterlacer->pull()) {
                    return made;
                }
            }
            if (!coming) {
                if (!deinterlacer || std::exchange(flushed, true)) {
                    return std::nullopt;
                }
                deinterlacer->finish();
                continue;
            }
            if (!deinterlacer && !is_interlaced(*coming)) {
                return std::exchange(coming, reader.next());
            }
            if (!deinterlacer) {
                deinterlacer.emplace(fields());
            }
            deinterlacer->push(*coming);
            coming = reader.next();
        }
    }

    /// The pictures before the first one wanted are only there for it.
    std::optional<VideoReader::Shown> wanted()
    {
        std::optional<VideoReader::Shown> shown = following ? std::exchange(following, std::nullopt) : progressive();
        if (std::exchange(begun, true) || !deinterlacer) {
            return shown;
        }
        while (shown) {
            following = progressive();
            if (!following || following->seconds > options.start + options.early) {
                break;
            }
            shown = std::exchange(following, std::nullopt);
        }
        return shown;
    }

    std::filesystem::path file;
    Options options;
    VideoReader reader;
    std::optional<VideoReader::Shown> coming;    ///< decoded
    std::optional<VideoReader::Shown> following; ///< whole, still to be given
    std::optional<Deinterlacer> deinterlacer;
    bool flushed = false;
    bool begun = false;
    ToBt709 colours;
    std::optional<ToHdr> high; ///< instead of `colours`
    Ground ground{options.background};
};

ClipReader::ClipReader(const std::filesystem::path& file, const Options& options)
    : impl_(std::make_unique<Impl>(file, options))
{
}

ClipReader::~ClipReader() = default;
ClipReader::ClipReader(ClipReader&&) noexcept = default;
ClipReader& ClipReader::operator=(ClipReader&&) noexcept = default;

std::optional<VideoReader::Shown> ClipReader::next()
{
    std::optional<VideoReader::Shown> shown = impl_->wanted();
    if (shown) {
        shown->frame = impl_->high ? impl_->high->apply(shown->frame) : impl_->colours.apply(shown->frame);
        if (!impl_->high && is_transparent(shown->frame)) {
            shown->frame = impl_->ground.apply(shown->frame);
        }
    }
    return shown;
}

double ClipReader::end() const noexcept
{
    return impl_->reader.end();
}

Rate ClipReader::rate() const noexcept
{
    return impl_->reader.rate();
}

Orientation ClipReader::orientation() const noexcept
{
    return impl_->reader.orientation();
}

} // namespace longtake::av
