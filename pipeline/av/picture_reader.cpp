#include "pipeline/av/picture_reader.h"

#include "pipeline/av/colour.h"
#include "pipeline/av/filter_graph.h"
#include "pipeline/av/probe.h"
#include "pipeline/av/video_reader.h"

#include <fmt/format.h>

#include <cmath>

namespace longtake::av {
namespace {

/// Square pixels keep the picture's height.
Size displayed_size(const AVFrame* frame)
{
    const AVRational sar = frame->sample_aspect_ratio;
    const bool square = sar.num <= 0 || sar.num == sar.den;
    return {square ? frame->width : static_cast<int>(std::lround(frame->width * av_q2d(sar))), frame->height};
}

const char* upright(int rotation)
{
    switch (rotation) {
    case 90: return ",transpose=clock";
    case 180: return ",hflip,vflip";
    case 270: return ",transpose=cclock";
    default: return "";
    }
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

std::string description(const AVFrame* frame, int rotation, const std::optional<Size>& shrunk)
{
    Size size = shrunk.value_or(displayed_size(frame));
    if (shrunk && rotation % 180 != 0) {
        std::swap(size.width, size.height); // it is turned afterwards
    }
    return fmt::format("scale={}:{}:flags={}+accurate_rnd+full_chroma_int+full_chroma_inp:out_range=pc:{}{},"
                       "format=rgb24{}",
                       size.width, size.height, shrunk ? "area" : "bicubic", scale_input(frame), chroma_site(frame),
                       upright(rotation));
}

} // namespace

struct PictureReader::Impl {
    VideoReader reader;
    std::optional<Size> shrunk;
    std::optional<FilterGraph> graph;
    std::string made_for;

    Frame convert(const Frame& frame)
    {
        std::string wanted = description(frame.get(), reader.rotation(), shrunk);
        if (wanted != made_for) {
            graph.emplace(wanted);
            made_for = std::move(wanted);
        }
        return graph->apply(frame);
    }
};

namespace {

/// Where the frame shown at `first` / rate begins.
VideoReader opened_at(const std::filesystem::path& file, std::int64_t first)
{
    VideoReader reader(file);
    return first <= 0 ? std::move(reader) : VideoReader(file, reader.rate().seconds(first));
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
    const MediaFacts facts = clip_facts(file);
    const std::int64_t frames = facts.rate->frames(facts.seconds);
    for (const std::int64_t first : {std::max<std::int64_t>(0, frames - 12), std::int64_t{0}}) {
        VideoReader reader(file, facts.rate->seconds(first));
        std::optional<Frame> last;
        while (auto shown = reader.next()) {
            last = std::move(shown->frame);
        }
        if (last) {
            return FilterGraph(description(last->get(), reader.rotation(), std::nullopt)).apply(*last);
        }
    }
    throw Error(Errc::input, file.string() + ": holds no picture");
}

} // namespace longtake::av
