#include "pipeline/av/picture/reframe.h"

#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/colour.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake::av {
namespace {

/// bicubic with accurate rounding: as sharp as lanczos to the eye, without its ringing on text and titles.
constexpr const char* k_scale_flags = "flags=bicubic+accurate_rnd+full_chroma_int";

constexpr double k_longest = 100; ///< sides; scaled to cover a film's picture, longer ones would take gigabytes

int even(double value)
{
    return std::max(2, static_cast<int>(std::lround(value / 2.0)) * 2);
}

/// The matrix of a range's colours, in the words of the scale filter.
const char* matrix_name(DynamicRange range)
{
    return range == DynamicRange::sdr ? "bt709" : "bt2020";
}

std::string scale(Size to, const AVFrame* frame, DynamicRange range)
{
    return fmt::format("scale={}:{}:{}:{}:out_color_matrix={}:out_range=tv", to.width, to.height, k_scale_flags,
                       scale_input(frame), matrix_name(range));
}

/// Four fifths of the light and the colour, in code values.
std::string darkened(DynamicRange range)
{
    const int unit = range == DynamicRange::sdr ? 1 : 4; // 8 bits, or 10
    return fmt::format("lutyuv=y={0}+(val-{0})*0.8:u={1}+(val-{1})*0.8:v={1}+(val-{1})*0.8", 16 * unit, 128 * unit);
}

/// The largest even size of the source's display aspect inside (or around) `to`.
Size fitted(double aspect, Size to, bool cover)
{
    const bool by_width = (aspect > to.aspect()) != cover;
    return by_width ? Size{to.width, even(to.width / aspect)} : Size{even(to.height * aspect), to.height};
}

} // namespace

struct Reframe::Impl {
    Size to;
    Fit fit;
    std::string pixel_format;
    Orientation orientation;
    DynamicRange dynamic = DynamicRange::sdr;
    std::optional<FilterGraph> graph;
    Size from{};
    int format = -1;
    int colorspace = -1;
    int range = -1;
    AVRational aspect{};

    bool untouched(const AVFrame* frame) const
    {
        return orientation.as_coded() && frame->sample_aspect_ratio.num == frame->sample_aspect_ratio.den &&
               Size{frame->width, frame->height} == to && frame->format == av_get_pix_fmt(pixel_format.c_str()) &&
               matrix_of(frame) == matrix_name(dynamic) && frame->color_range != AVCOL_RANGE_JPEG;
    }

    std::string description(const AVFrame* frame) const
    {
        double aspect = static_cast<double>(frame->width) / frame->height;
        if (frame->sample_aspect_ratio.num > 0) {
            aspect *= av_q2d(frame->sample_aspect_ratio);
        }
        if (orientation.swaps_sides()) {
            aspect = 1 / aspect;
        }
        if (aspect > k_longest || aspect < 1 / k_longest) {
            throw Error(Errc::input, fmt::format("a picture of {}x{} is too long for a film; crop it first",
                                                 frame->width, frame->height));
        }
        const std::string finish = fmt::format("setsar=1,format={}", pixel_format);
        const std::string turn = orientation.filters();
        // Within 1 % a picture fills the frame: bars of a few pixels would look like a fault.
        if (std::abs(aspect / to.aspect() - 1) < 0.01) {
            return turn + scale(to, frame, dynamic) + "," + finish;
        }
        const Size inside = fitted(aspect, to, false);
        const Size around = fitted(aspect, to, true);
        switch (fit) {
        case Fit::automatic:
        case Fit::crop:
            return fmt::format("{}{},crop={}:{},{}", turn, scale(around, frame, dynamic), to.width, to.height, finish);
        case Fit::blur: {
            // The ground is blurred at an eighth of the size: cheap, and smooth once enlarged.
            const Size small = {even(to.width / 8.0), even(to.height / 8.0)};
            const Size small_around = fitted(aspect, small, true);
            const bool high = dynamic != DynamicRange::sdr;
            return fmt::format("{0}split[a][b];[a]{1},crop={2}:{3},gblur=sigma=5,format={8},{9},"
                               "scale={4}:{5}:flags=bicubic,setsar=1,format={8}[ground];"
                               "[b]{6},setsar=1,format={8}[picture];"
                               "[ground][picture]overlay=(W-w)/2:(H-h)/2:format={10},{7}",
                               turn, scale(small_around, frame, dynamic), small.width, small.height, to.width,
                               to.height, scale(inside, frame, dynamic), finish, high ? "yuv420p10le" : "yuv420p",
                               darkened(dynamic), high ? "yuv420p10" : "yuv420");
        }
        default:
            return fmt::format("{}{},pad={}:{}:(ow-iw)/2:(oh-ih)/2:black,{}", turn, scale(inside, frame, dynamic),
                               to.width, to.height, finish);
        }
    }
};

Reframe::Reframe(Size to, Fit fit, std::string pixel_format, Orientation orientation, DynamicRange range)
    : impl_(std::make_unique<Impl>())
{
    impl_->to = to;
    impl_->fit = fit;
    impl_->pixel_format = std::move(pixel_format);
    impl_->orientation = orientation;
    impl_->dynamic = range;
}

Reframe::~Reframe() = default;
Reframe::Reframe(Reframe&&) noexcept = default;
Reframe& Reframe::operator=(Reframe&&) noexcept = default;

Frame Reframe::apply(const Frame& frame)
{
    if (impl_->untouched(frame.get())) {
        return frame.share();
    }
    const AVFrame* raw = frame.get();
    if (!impl_->graph || frame.size() != impl_->from || raw->format != impl_->format ||
        raw->colorspace != impl_->colorspace || raw->color_range != impl_->range ||
        av_cmp_q(raw->sample_aspect_ratio, impl_->aspect) != 0) {
        impl_->graph.emplace(impl_->description(raw));
        impl_->from = frame.size();
        impl_->format = raw->format;
        impl_->colorspace = raw->colorspace;
        impl_->range = raw->color_range;
        impl_->aspect = raw->sample_aspect_ratio;
    }
    Frame out = impl_->graph->apply(frame);
    tag_colours(out.get(), impl_->dynamic);
    return out;
}

} // namespace longtake::av
