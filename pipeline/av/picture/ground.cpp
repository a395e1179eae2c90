#include "pipeline/av/picture/ground.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/filter_graph.h"
#include "pipeline/av/picture/colour.h"
#include "pipeline/model/rgb.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace longtake::av {
namespace {

/// "#rrggbb" as limited-range BT.709 Y, Cb, Cr (ITU-R BT.709, 3).
std::array<int, 3> code_of(const std::string& colour)
{
    const Rgb rgb = rgb_of(colour).value_or(Rgb{});
    const double r = rgb.r / 255.0;
    const double g = rgb.g / 255.0;
    const double b = rgb.b / 255.0;
    const double y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    const auto code = [](double middle, double span, double value) {
        return static_cast<int>(std::lround(middle + span * value));
    };
    return {code(16, 219, y), code(128, 224, (b - y) / 1.8556), code(128, 224, (r - y) / 1.5748)};
}

} // namespace

bool is_transparent(const Frame& frame)
{
    const auto format = static_cast<AVPixelFormat>(frame.get()->format);
    return (av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_ALPHA) != 0 || format == AV_PIX_FMT_PAL8;
}

struct Ground::Impl {
    std::array<int, 3> ground;
    std::string made_for;
    std::optional<FilterGraph> graph;
};

Ground::Ground(const std::string& colour) : impl_(new Impl{code_of(colour), {}, {}}) {}
Ground::~Ground() = default;
Ground::Ground(Ground&&) noexcept = default;
Ground& Ground::operator=(Ground&&) noexcept = default;

Frame Ground::apply(const Frame& frame)
{
    const AVFrame* raw = frame.get();
    std::string wanted = fmt::format("scale=flags=bicubic+accurate_rnd+full_chroma_int:{}:out_color_matrix=bt709:"
                                     "out_range=tv,format=yuva444p",
                                     scale_input(raw));
    if (wanted != impl_->made_for) {
        impl_->graph.emplace(wanted);
        impl_->made_for = std::move(wanted);
    }
    Frame out = impl_->graph->apply(frame);
    check(av_frame_make_writable(out.get()), "lay a picture on its ground");
    constexpr int opaque = 255;
    for (int y = 0; y < out.size().height; ++y) {
        const std::uint8_t* alpha = out.get()->data[3] + static_cast<std::ptrdiff_t>(y) * out.get()->linesize[3];
        for (int plane = 0; plane < 3; ++plane) {
            std::uint8_t* row = out.plane(plane) + static_cast<std::ptrdiff_t>(y) * out.stride(plane);
            const int under = impl_->ground[static_cast<std::size_t>(plane)];
            for (int x = 0; x < out.size().width; ++x) {
                row[x] =
                    static_cast<std::uint8_t>((row[x] * alpha[x] + under * (opaque - alpha[x]) + opaque / 2) / opaque);
            }
        }
    }
    av_buffer_unref(&out.get()->buf[3]);
    out.get()->data[3] = nullptr;
    out.get()->linesize[3] = 0;
    out.get()->format = AV_PIX_FMT_YUV444P;
    tag_bt709(out.get());
    out.get()->sample_aspect_ratio = raw->sample_aspect_ratio;
    return out;
}

} // namespace longtake::av
