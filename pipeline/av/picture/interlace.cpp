#include "pipeline/av/picture/interlace.h"

#include "pipeline/av/ffmpeg.h"

#include <algorithm>
#include <cstring>

namespace longtake::av {
namespace {

/// Row `row` of a field as it is written: itself, or mixed with those above and below.
void write_row(const Frame& from, int plane, int row, bool soften, Frame& to)
{
    const int width = plane == 0 ? from->width : AV_CEIL_RSHIFT(from->width, 1);
    const auto at = [&](int y) {
        return from.plane(plane) + static_cast<std::ptrdiff_t>(std::clamp(y, 0, from->height - 1)) * from.stride(plane);
    };
    std::uint8_t* out = to.plane(plane) + static_cast<std::ptrdiff_t>(row) * to.stride(plane);
    if (!soften) {
        std::memcpy(out, at(row), static_cast<std::size_t>(width));
        return;
    }
    const std::uint8_t* above = at(row - 1);
    const std::uint8_t* here = at(row);
    const std::uint8_t* below = at(row + 1);
    for (int x = 0; x < width; ++x) {
        out[x] = static_cast<std::uint8_t>((above[x] + 2 * here[x] + below[x] + 2) / 4);
    }
}

} // namespace

Frame interlaced(const Frame& first, const Frame& second, bool soften)
{
    if (first->format != AV_PIX_FMT_YUV422P || second->format != first->format || first.size() != second.size()) {
        throw Error(Errc::internal, "interlace: two pictures of yuv422p and one size are wanted");
    }
    Frame frame;
    check(av_frame_copy_props(frame.get(), first.get()), "interlace");
    frame->format = first->format;
    frame->width = first->width;
    frame->height = first->height;
    frame->interlaced_frame = 1;
    frame->top_field_first = 1;
    check(av_frame_get_buffer(frame.get(), 0), "interlace");
    for (int plane = 0; plane < 3; ++plane) {
        for (int row = 0; row < first->height; ++row) {
            write_row(row % 2 == 0 ? first : second, plane, row, soften, frame);
        }
    }
    return frame;
}

} // namespace longtake::av
