#include "pipeline/av/picture/linear_light.h"

#include "pipeline/av/picture/colour.h"

#include <fmt/format.h>

namespace longtake::av {
namespace {

bool is_2020(AVColorSpace matrix)
{
    return matrix == AVCOL_SPC_BT2020_NCL || matrix == AVCOL_SPC_BT2020_CL;
}

/// zscale's name for a transfer. Those of SDR cameras and screens are shown alike: BT.709's.
const char* transfer_name(AVColorTransferCharacteristic transfer)
{
    switch (transfer) {
    case AVCOL_TRC_SMPTE2084: return "smpte2084";
    case AVCOL_TRC_ARIB_STD_B67: return "arib-std-b67";
    case AVCOL_TRC_IEC61966_2_1: return "iec61966-2-1";
    default: return "bt709";
    }
}

const char* primaries_name(AVColorPrimaries primaries)
{
    switch (primaries) {
    case AVCOL_PRI_BT2020: return "bt2020";
    case AVCOL_PRI_SMPTE431: return "smpte431";
    case AVCOL_PRI_SMPTE432: return "smpte432";
    case AVCOL_PRI_BT470M: return "bt470m";
    case AVCOL_PRI_BT470BG: return "bt470bg";
    case AVCOL_PRI_SMPTE170M: return "smpte170m";
    case AVCOL_PRI_SMPTE240M: return "smpte240m";
    case AVCOL_PRI_FILM: return "film";
    case AVCOL_PRI_EBU3213: return "jedec-p22";
    default: return "bt709";
    }
}

/// zscale's name for a matrix.
std::string matrix_name(const AVFrame* frame)
{
    switch (frame->colorspace) {
    case AVCOL_SPC_BT2020_NCL: return "2020_ncl";
    case AVCOL_SPC_BT2020_CL: return "2020_cl";
    case AVCOL_SPC_ICTCP: return "ictcp";
    case AVCOL_SPC_YCGCO: return "ycgco";
    case AVCOL_SPC_BT709: return "709";
    case AVCOL_SPC_FCC: return "fcc";
    case AVCOL_SPC_SMPTE240M: return "240m";
    case AVCOL_SPC_BT470BG: return "470bg";
    case AVCOL_SPC_SMPTE170M: return "170m";
    default:
        return is_hdr(frame->color_trc) || frame->color_primaries == AVCOL_PRI_BT2020 ? "2020_ncl"
               : matrix_of(frame) == "bt709"                                          ? "709"
                                                                                      : "170m";
    }
}

const char* chroma_name(AVChromaLocation location)
{
    switch (location) {
    case AVCHROMA_LOC_CENTER: return "center";
    case AVCHROMA_LOC_TOPLEFT: return "topleft";
    case AVCHROMA_LOC_TOP: return "top";
    case AVCHROMA_LOC_BOTTOMLEFT: return "bottomleft";
    case AVCHROMA_LOC_BOTTOM: return "bottom";
    default: return "left";
    }
}

/// zscale does not take pictures that end within a sample of chroma shared by four columns or rows (4:1:1, 4:1:0).
std::string whole_chroma_first(const AVFrame* frame)
{
    const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
    const auto ends_within = [](int side, int log2) { return log2 > 1 && side % (1 << log2) != 0; };
    if (!ends_within(frame->width, format->log2_chroma_w) && !ends_within(frame->height, format->log2_chroma_h)) {
        return "";
    }
    return fmt::format("scale=flags=bicubic+accurate_rnd:in_range={0}:out_range={0},format=yuv444p,", range_of(frame));
}

} // namespace

bool is_hdr(AVColorTransferCharacteristic transfer) noexcept
{
    return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

AVColorPrimaries primaries_of(AVColorPrimaries tagged, AVColorTransferCharacteristic transfer,
                              AVColorSpace matrix) noexcept
{
    if (tagged != AVCOL_PRI_UNSPECIFIED && tagged != AVCOL_PRI_RESERVED && tagged != AVCOL_PRI_RESERVED0) {
        return tagged;
    }
    return is_hdr(transfer) || is_2020(matrix) ? AVCOL_PRI_BT2020 : AVCOL_PRI_BT709;
}

std::string linear_light(const AVFrame* frame, const std::string& primaries_out)
{
    const AVColorPrimaries primaries = primaries_of(frame->color_primaries, frame->color_trc, frame->colorspace);
    const std::string matrix = is_rgb(frame) ? "gbr" : matrix_name(frame);
    return whole_chroma_first(frame) +
           fmt::format("zscale=matrixin={}:primariesin={}:transferin={}:rangein={}:chromalin={}:matrix=gbr:"
                       "primaries={}:transfer=linear:range=full:npl={},format=gbrpf32le",
                       matrix, primaries_name(primaries), transfer_name(frame->color_trc),
                       range_of(frame) == "pc" ? "full" : "limited", chroma_name(frame->chroma_location), primaries_out,
                       k_reference_white);
}

} // namespace longtake::av
