#include "pipeline/av/picture/to_bt709.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/colour.h"
#include "pipeline/av/picture/linear_light.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace longtake::av {
namespace {

constexpr float k_knee = 0.75F;     ///< of white: up to here nothing changes
constexpr double k_hlg_peak = 1000; ///< cd/m2, the nominal peak that HLG's system gamma of 1.2 is for (BT.2100)
constexpr double k_pq_peak = 10000;

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
    std::string wanted = linear_light(raw, "bt709");
    if (wanted != impl_->made_for) {
        impl_->linear.emplace(wanted);
        impl_->made_for = std::move(wanted);
    }
    Frame light = impl_->linear->apply(frame);
    check(av_frame_make_writable(light.get()), "convert colours");
    const double peak = is_hdr(raw->color_trc) ? peak_of(raw->color_trc) / k_reference_white : 1;
    bring_in(light.get(), static_cast<float>(peak));
    Frame out = impl_->coded.apply(light);
    tag_bt709(out.get());
    out->sample_aspect_ratio = raw->sample_aspect_ratio;
    return out;
}

} // namespace longtake::av
