#include "pipeline/av/picture/picture_reader.h"

#include "pipeline/av/clip/clip_facts.h"
#include "pipeline/av/clip/clip_reader.h"
#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/to_rgb.h"
#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <utility>

namespace longtake::av {

struct PictureReader::Impl {
    Impl(ClipReader from, const std::optional<Size>& shrunk)
        : reader(std::move(from)), rgb(reader.orientation(), shrunk)
    {
    }

    ClipReader reader;
    ToRgb rgb;
};

namespace {

/// Where the frame shown at `first` / rate begins: pictures lie within half a frame of their time.
ClipReader opened_at(const std::filesystem::path& file, std::int64_t first)
{
    ClipReader reader(file, {});
    if (first <= 0) {
        return reader;
    }
    const Rate rate = reader.rate();
    ClipReader::Options options;
    options.start = rate.seconds(first);
    options.early = rate.seconds(1) / 2;
    return {file, options};
}

} // namespace

PictureReader::PictureReader(const std::filesystem::path& file, std::int64_t first, std::optional<Size> shrunk)
    : impl_(std::make_unique<Impl>(opened_at(file, first), shrunk))
{
}

PictureReader::~PictureReader() = default;
PictureReader::PictureReader(PictureReader&&) noexcept = default;
PictureReader& PictureReader::operator=(PictureReader&&) noexcept = default;

std::optional<Frame> PictureReader::next()
{
    const auto shown = impl_->reader.next();
    return shown ? std::optional(impl_->rgb.apply(shown->frame)) : std::nullopt;
}

Frame resized(const Frame& rgb, Size to)
{
    return FilterGraph(fmt::format("scale={}:{}:flags=bicubic+accurate_rnd,format=rgb24", to.width, to.height))
        .apply(rgb);
}

Frame last_picture(const std::filesystem::path& file)
{
    // From shortly before the end: footage is one GOP of any length, so the decoder may still start at its head.
    const InputInfo facts = clip_facts(file);
    const std::int64_t frames = facts.rate->frames(facts.seconds);
    for (const std::int64_t first : {std::max<std::int64_t>(0, frames - 12), std::int64_t{0}}) {
        ClipReader::Options options;
        options.start = facts.rate->seconds(first);
        ClipReader reader(file, options);
        std::optional<Frame> last;
        while (auto shown = reader.next()) {
            last = std::move(shown->frame);
        }
        if (last) {
            return ToRgb(reader.orientation()).apply(*last);
        }
    }
    throw Error(Errc::input, file.string() + ": holds no picture");
}

} // namespace longtake::av
