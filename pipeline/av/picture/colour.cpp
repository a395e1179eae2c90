#include "pipeline/av/picture/colour.h"

#include <algorithm>
#include <cstring>

namespace longtake::av {
namespace {

/// The number is read as one: an enumeration that holds none of its values must not be looked at.
template <class Tag>
void keep_known(Tag& tag, Tag count, Tag unspecified)
{
    static_assert(sizeof(Tag) == sizeof(unsigned));
    unsigned number = 0;
    std::memcpy(&number, &tag, sizeof number);
    if (number >= static_cast<unsigned>(count)) {
        tag = unspecified;
    }
}

} // namespace

std::string matrix_of(const AVFrame* frame)
{
    switch (frame->colorspace) {
    case AVCOL_SPC_BT709: return "bt709";
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M: return "bt601";
    case AVCOL_SPC_SMPTE240M: return "smpte240m";
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: return "bt2020";
    default: return std::max(frame->width, frame->height) >= 1000 ? "bt709" : "bt601";
    }
}

bool is_rgb(const AVFrame* frame)
{
    return (av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format))->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

std::string range_of(const AVFrame* frame)
{
    return frame->color_range == AVCOL_RANGE_JPEG || is_rgb(frame) ? "pc" : "tv";
}

std::string scale_input(const AVFrame* frame)
{
    const std::string range = "in_range=" + range_of(frame);
    return is_rgb(frame) ? range : "in_color_matrix=" + matrix_of(frame) + ":" + range;
}

ColourTags colour_tags(DynamicRange range) noexcept
{
    switch (range) {
    case DynamicRange::hlg: return {AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_ARIB_STD_B67};
    case DynamicRange::pq: return {AVCOL_SPC_BT2020_NCL, AVCOL_PRI_BT2020, AVCOL_TRC_SMPTE2084};
    default: return {AVCOL_SPC_BT709, AVCOL_PRI_BT709, AVCOL_TRC_BT709};
    }
}

void tag_bt709(AVFrame* frame)
{
    tag_colours(frame, DynamicRange::sdr);
}

void tag_colours(AVFrame* frame, DynamicRange range)
{
    const ColourTags tags = colour_tags(range);
    frame->color_range = AVCOL_RANGE_MPEG;
    frame->colorspace = tags.matrix;
    frame->color_primaries = tags.primaries;
    frame->color_trc = tags.transfer;
    frame->chroma_location = AVCHROMA_LOC_LEFT;
    frame->sample_aspect_ratio = {1, 1};
}

void keep_known_colours(AVCodecParameters* parameters)
{
    keep_known(parameters->color_range, AVCOL_RANGE_NB, AVCOL_RANGE_UNSPECIFIED);
    keep_known(parameters->color_primaries, AVCOL_PRI_NB, AVCOL_PRI_UNSPECIFIED);
    keep_known(parameters->color_trc, AVCOL_TRC_NB, AVCOL_TRC_UNSPECIFIED);
    keep_known(parameters->color_space, AVCOL_SPC_NB, AVCOL_SPC_UNSPECIFIED);
    keep_known(parameters->chroma_location, AVCHROMA_LOC_NB, AVCHROMA_LOC_UNSPECIFIED);
}

void keep_known_colours(AVFrame* frame)
{
    keep_known(frame->color_range, AVCOL_RANGE_NB, AVCOL_RANGE_UNSPECIFIED);
    keep_known(frame->color_primaries, AVCOL_PRI_NB, AVCOL_PRI_UNSPECIFIED);
    keep_known(frame->color_trc, AVCOL_TRC_NB, AVCOL_TRC_UNSPECIFIED);
    keep_known(frame->colorspace, AVCOL_SPC_NB, AVCOL_SPC_UNSPECIFIED);
    keep_known(frame->chroma_location, AVCHROMA_LOC_NB, AVCHROMA_LOC_UNSPECIFIED);
}

} // namespace longtake::av
