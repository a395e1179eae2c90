#include "pipeline/av/picture/to_hdr.h"

#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/colour.h"
#include "pipeline/av/picture/linear_light.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace longtake::av {
namespace {

constexpr const char* k_hdr_format = "yuv420p10le";

AVColorTransferCharacteristic transfer_of(DynamicRange range)
{
    return range == DynamicRange::pq ? AVCOL_TRC_SMPTE2084 : AVCOL_TRC_ARIB_STD_B67;
}

std::string conversion(const AVFrame* frame, DynamicRange range)
{
    return linear_light(frame, "2020") +
           fmt::format(",zscale=matrixin=gbr:primariesin=2020:transferin=linear:rangein=full:matrix=2020_ncl:"
                       "primaries=2020:transfer={}:range=limited:chromal=left:npl={}:dither=error_diffusion,format={}",
                       range == DynamicRange::pq ? "smpte2084" : "arib-std-b67", k_reference_white, k_hdr_format);
}

} // namespace

struct ToHdr::Impl {
    DynamicRange range;
    std::string made_for{};
    std::optional<FilterGraph> graph{};

    bool is_there(const AVFrame* frame) const
    {
        return frame->color_trc == transfer_of(range) && frame->colorspace == AVCOL_SPC_BT2020_NCL &&
               frame->color_primaries == AVCOL_PRI_BT2020 && range_of(frame) == "tv" &&
               frame->format == av_get_pix_fmt(k_hdr_format);
    }
};

ToHdr::ToHdr(DynamicRange range) : impl_(std::make_unique<Impl>(Impl{range})) {}
ToHdr::~ToHdr() = default;
ToHdr::ToHdr(ToHdr&&) noexcept = default;
ToHdr& ToHdr::operator=(ToHdr&&) noexcept = default;

Frame ToHdr::apply(const Frame& frame)
{
    if (impl_->is_there(frame.get())) {
        return frame.share();
    }
    std::string wanted = conversion(frame.get(), impl_->range);
    if (wanted != impl_->made_for) {
        impl_->graph.emplace(wanted);
        impl_->made_for = std::move(wanted);
    }
    Frame out = impl_->graph->apply(frame);
    tag_colours(out.get(), impl_->range);
    out->sample_aspect_ratio = frame->sample_aspect_ratio;
    return out;
}

} // namespace longtake::av
