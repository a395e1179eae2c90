#include "pipeline/av/picture/to_rgb.h"

#include "pipeline/av/picture/colour.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

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

Size shown_size(const Frame& frame, Orientation orientation)
{
    Size size = squared_size(frame.get());
    if (orientation.swaps_sides()) {
        std::swap(size.width, size.height);
    }
    return size;
}

ToRgb::ToRgb(Orientation orientation, std::optional<Size> shrunk) : orientation_(orientation), shrunk_(shrunk) {}

Frame ToRgb::apply(const Frame& frame)
{
    std::string wanted = description(frame.get(), orientation_, shrunk_);
    if (wanted != made_for_) {
        graph_.emplace(wanted);
        made_for_ = std::move(wanted);
    }
    return graph_->apply(frame);
}

} // namespace longtake::av
