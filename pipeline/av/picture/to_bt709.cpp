#include "pipeline/av/picture/to_bt709.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/colour.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace longtake::av {
namespace {

constexpr double k_white = 203;     ///< cd/m2 of HDR reference white (BT.2408)
constexpr float k_knee = 0.75F;     ///< of white: up to here nothing changes
constexpr double k_hlg_peak = 1000; ///< cd/m2, the nominal peak that HLG's system gamma of 1.2 is for (BT.2100)
constexpr double k_pq_peak = 10000;

bool is_hdr(AVColorTransferCharacteristic transfer)
{
    return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

bool is_2020(AVColorSpace matrix)
{
    return matrix == AVCOL_SPC_BT2020_NCL || matrix == AVCOL_SPC_BT2020_CL;
}

/// The primaries pictures are in; untagged ones are BT.709's, or BT.2020's where matrix or transfer belong to it.
AVColorPrimaries primaries_of(AVColorPrimaries tagged, AVColorTransferCharacteristic transfer, AVColorSpace matrix)
{
    if (tagged != AVCOL_PRI_UNSPECIFIED && tagged != AVCOL_PRI_RESERVED && tagged != AVCOL_PRI_RESERVED0) {
        return tagged;
    }
    return is_hdr(transfer) || is_2020(matrix) ? AVCOL_PRI_BT2020 : AVCOL_PRI_BT709;
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

bool needs(AVColorPrimaries primaries, AVColorTransferCharacteristic transfer, AVColorSpace matrix)
{
    return is_hdr(transfer) || primaries_of(primaries, transfer, matrix) != AVCOL_PRI_BT709;
}

double peak_of(AVColorTransferCharacteristic transfer)
{
    return transfer == AVCOL_TRC_ARIB_STD_B67 ? k_hlg_peak : k_pq_peak;
}

/// Light above the knee, with slope 1 there, reaching 1 at `peak`: Reinhard's curve, extended (Reinhard et al.,
/// "Photographic Tone Reproduction for Digital Images", 2002, equation 4).
float rolled_off(float light, float peak)
{
    if (light <= k_knee) {
        return light;
    }
    const float over = (light - k_knee) / (1 - k_knee);
    const float most = (peak - k_knee) / (1 - k_knee);
    return std::min(1.0F, k_knee + (1 - k_knee) * over * (1 + over / (most * most)) / (1 + over));
}

/// One linear pixel. What BT.709 does not have is cut off by channel: drawing it to grey instead, at the same
/// luminance, lifts the blacks of all saturated colours that rounding left a little outside. Highlights keep their hue:
/// all three channels are scaled alike.
void bring_in(float& r, float& g, float& b, float peak)
{
    r = std::max(0.0F, r);
    g = std::max(0.0F, g);
    b = std::max(0.0F, b);
    const float most = std::max({r, g, b});
    if (most > k_knee) {
        const float scale = peak > 1 ? rolled_off(most, peak) / most : std::min(1.0F, 1 / most);
        r *= scale;
        g *= scale;
        b *= scale;
    }
}

/// A whole picture in planar floats (gbrpf32), in place.
void bring_in(AVFrame* frame, float peak)
{
    for (int y = 0; y < frame->height; ++y) {
        const auto row = [&](int plane) {
            return reinterpret_cast<float*>(frame->data[plane] +
                                            static_cast<std::ptrdiff_t>(y) * frame->linesize[plane]);
        };
        float* g = row(0);
        float* b = row(1);
        float* r = row(2);
        for (int x = 0; x < frame->width; ++x) {
            bring_in(r[x], g[x], b[x], peak);
        }
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

std::string linearise(const AVFrame* frame)
{
    const AVColorPrimaries primaries = primaries_of(frame->color_primaries, frame->color_trc, frame->colorspace);
    const std::string matrix = is_rgb(frame) ? "gbr" : matrix_name(frame);
    return whole_chroma_first(frame) +
           fmt::format("zscale=matrixin={}:primariesin={}:transferin={}:rangein={}:chromalin={}:matrix=gbr:"
                       "primaries=bt709:transfer=linear:range=full:npl={},format=gbrpf32le",
                       matrix, primaries_name(primaries), transfer_name(frame->color_trc),
                       range_of(frame) == "pc" ? "full" : "limited", chroma_name(frame->chroma_location), k_white);
}

constexpr const char* k_code =
    "zscale=matrixin=gbr:primariesin=bt709:transferin=linear:rangein=full:matrix=709:primaries=bt709:transfer=bt709:"
    "range=limited:chromal=left:dither=error_diffusion,format=yuv420p10le";

} // namespace

std::string needs_bt709(const AVCodecParameters* p)
{
    if (!needs(p->color_primaries, p->color_trc, p->color_space)) {
        return {};
    }
    const char* what = av_color_primaries_name(primaries_of(p->color_primaries, p->color_trc, p->color_space));
    if (!is_hdr(p->color_trc)) {
        return fmt::format("its colours ({}) are converted to BT.709", what);
    }
    return fmt::format("its colours ({}, {}) are converted to BT.709 in standard dynamic range: reference white of 203 "
                       "cd/m2 becomes white, what is brighter is rolled off",
                       p->color_trc == AVCOL_TRC_ARIB_STD_B67 ? "HLG" : "PQ", what);
}

struct ToBt709::Impl {
    std::string made_for;
    std::optional<FilterGraph> linear;
    FilterGraph coded{k_code};
};

ToBt709::ToBt709() : impl_(std::make_unique<Impl>()) {}
ToBt709::~ToBt709() = default;
ToBt709::ToBt709(ToBt709&&) noexcept = default;
ToBt709& ToBt709::operator=(ToBt709&&) noexcept = default;

Frame ToBt709::apply(const Frame& frame)
{
    const AVFrame* raw = frame.get();
    if (!needs(raw->color_primaries, raw->color_trc, raw->colorspace)) {
        return frame.share();
    }
    std::string wanted = linearise(raw);
    if (wanted != impl_->made_for) {
        impl_->linear.emplace(wanted);
        impl_->made_for = std::move(wanted);
    }
    Frame light = impl_->linear->apply(frame);
    check(av_frame_make_writable(light.get()), "convert colours");
    const double peak = is_hdr(raw->color_trc) ? peak_of(raw->color_trc) / k_white : 1;
    bring_in(light.get(), static_cast<float>(peak));
    Frame out = impl_->coded.apply(light);
    tag_bt709(out.get());
    out->sample_aspect_ratio = raw->sample_aspect_ratio;
    return out;
}

} // namespace longtake::av
