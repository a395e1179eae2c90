#include "pipeline/flow/look/sheet.h"

#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/base/error.h"

#include <algorithm>

namespace longtake::look {
namespace {

constexpr double k_line = 0.72; ///< of a label's height

/// What of an area lies on a sheet.
Area clipped(const Area& area, Size sheet)
{
    const int x = std::clamp(area.x, 0, sheet.width);
    const int y = std::clamp(area.y, 0, sheet.height);
    return {x, y, std::clamp(area.x + area.width, x, sheet.width) - x,
            std::clamp(area.y + area.height, y, sheet.height) - y};
}

} // namespace

Sheet::Sheet(Size size, SheetColours colours)
    : colours_(std::move(colours)), picture_(av::plain_picture(size, colours_.ground))
{
}

void Sheet::lay(const av::Frame& rgb, int x, int y)
{
    const Area on = clipped({x, y, rgb.size().width, rgb.size().height}, picture_.size);
    for (int row = 0; row < on.height; ++row) {
        const std::uint8_t* from =
            rgb.plane(0) + static_cast<std::ptrdiff_t>(on.y - y + row) * rgb.stride(0) + std::ptrdiff_t{3} * (on.x - x);
        const std::size_t to = 3 * (static_cast<std::size_t>(on.y + row) * picture_.size.width + on.x);
        std::copy_n(from, 3 * on.width, picture_.rgb.begin() + static_cast<std::ptrdiff_t>(to));
    }
}

void Sheet::fill(const Area& area, const Rgb& colour)
{
    const Area on = clipped(area, picture_.size);
    for (int row = 0; row < on.height; ++row) {
        std::uint8_t* to = &picture_.rgb[3 * (static_cast<std::size_t>(on.y + row) * picture_.size.width + on.x)];
        for (int column = 0; column < on.width; ++column, to += 3) {
            to[0] = colour.r;
            to[1] = colour.g;
            to[2] = colour.b;
        }
    }
}

void Sheet::outline(const Area& area, const Rgb& colour)
{
    fill({area.x, area.y, area.width, 1}, colour);
    fill({area.x, area.y + area.height - 1, area.width, 1}, colour);
    fill({area.x, area.y, 1, area.height}, colour);
    fill({area.x + area.width - 1, area.y, 1, area.height}, colour);
}

void Sheet::write(const Area& area, const std::string& text)
{
    paragraph(area, text, k_line);
}

void Sheet::paragraph(const Area& area, const std::string& text, double line)
{
    av::TextStyle style;
    style.colour = colours_.ink;
    style.height = line * std::min(1.0, static_cast<double>(area.height) / std::min(area.width, area.height));
    style.left = style.top = 0;
    style.right = style.bottom = 1;
    av::Picture label = av::plain_picture({area.width, area.height}, colours_.ground);
    try {
        av::draw_text(label, text, style);
    } catch (const Error& error) { // a sheet without a label is better than none
        if (error.code() != Errc::input) {
            throw;
        }
    }
    lay(frame_of(label), area.x, area.y);
}

std::string Sheet::png() const
{
    return av::encode_png(frame_of(picture_));
}

std::string Sheet::jpeg(int scale) const
{
    return av::encode_jpeg(frame_of(picture_), scale);
}

av::Frame frame_of(const av::Picture& picture)
{
    av::Frame frame = av::Frame::rgb(picture.size);
    const int row = 3 * picture.size.width;
    for (int y = 0; y < picture.size.height; ++y) {
        std::copy_n(picture.rgb.begin() + static_cast<std::ptrdiff_t>(y) * row, row,
                    frame.plane(0) + static_cast<std::ptrdiff_t>(y) * frame.stride(0));
    }
    return frame;
}

} // namespace longtake::look
