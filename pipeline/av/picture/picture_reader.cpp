#include "pipeline/av/picture/picture_reader.h"

#include "pipeline/av/clip/clip_facts.h"
#include "pipeline/av/clip/clip_reader.h"
#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/colour.h"

#include <fmt/format.h>

#include <cmath>

namespace longtake::av {
namespace {

/// Square pixels keep the picture's height.
Size squared_size(const AVFrame* frame)
{
    const AVRational sar = frame->sample_aspect_ratio;
    const bool square = sar.num <= 0 || sar.num == sar.den;
    return {square ? frame->width : static_cast<int>(std::lround(frame->width * av_q2d(sar))), frame->height};
}

/// The filters that show a picture upright, after others.
std::string then_upright(Orientation orientation)
{
    std::string filters = orientation.filters();
    if (!filters.empty()) {
        filters.pop_back(); // the comma goes first
        filters.insert(0, ",");
    }
    return filters;
}

/// swscale takes 4:2:0 chroma for centred unless it is told; untagged video is sited left, as H.264 says.
std::string chroma_site(const AVFrame* frame)
{
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
    if (is_rgb(frame) || format->log2_chroma_w == 0) {
        return "";
    }
    const bool centred = frame->chroma_location == AVCHROMA_LOC_CENTER;
    const bool top = frame->chroma_location == AVCHROMA_LOC_TOPLEFT;
    return fmt::format(":in_h_chr_pos={}:in_v_chr_pos={}", centred ? 128 : 0,
                       format->log2_chroma_h == 0 || top ? 0 : 128);
}

std::string description(const AVFrame* frame, Orientation orientation, const std::optional<Size>& shrunk)
{
    Size size = shrunk.value_or(squared_size(frame));
    if (shrunk && orientation.swaps_sides()) {
        std::swap(size.width, size.height); // it is turned afterwards
    }
    return fmt::format("scale={}:{}:flags={}+accurate_rnd+full_chroma_int+full_chroma_inp:out_range=pc:{}{},"
                       "format=rgb24{}",
                       size.width, size.height, shrunk ? "area" : "bicubic", scale_input(frame), chroma_site(frame),
                       then_upright(orientation));
}

} // namespace

struct PictureReader::Impl {
    ClipReader reader;
    std::optional<Size> shrunk;
    std::optional<FilterGraph> graph;
    std::string made_for;

    Frame convert(const Frame& frame)
    {
        std::string wanted = description(frame.get(), reader.orientation(), shrunk);
        if (wanted != made_for) {
            graph.emplace(wanted);
            made_for = std::move(wanted);
        }
        return graph->apply(frame);
    }
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
    : impl_(new Impl{opened_at(file, first), shrunk, {}, {}})
{
}

PictureReader::~PictureReader() = default;
PictureReader::PictureReader(PictureReader&&) noexcept = default;
PictureReader& PictureReader::operator=(PictureReader&&) noexcept = default;

std::optional<Frame> PictureReader::next()
{
    const auto shown = impl_->reader.next();
    return shown ? std::optional(impl_->convert(shown->frame)) : std::nullopt;
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
            return FilterGraph(description(last->get(), reader.orientation(), std::nullopt)).apply(*last);
        }
    }
    throw Error(Errc::input, file.string() + ": holds no picture");
}

} // namespace longtake::av
