#include "pipeline/av/picture/orientation.h"

#include "pipeline/av/ffmpeg.h"

#include <cmath>
#include <numbers>

namespace longtake::av {

std::string Orientation::filters() const
{
    std::string filters = mirrored ? "hflip," : "";
    switch (rotation) {
    case 90: return filters + "transpose=clock,";
    case 180: return filters + "hflip,vflip,";
    case 270: return filters + "transpose=cclock,";
    default: return filters;
    }
}

std::string Orientation::text() const
{
    std::string turned = rotation == 0 ? "" : "rotated by " + std::to_string(rotation) + " degrees";
    if (!mirrored) {
        return turned;
    }
    return turned.empty() ? "mirrored" : "mirrored and " + turned;
}

/// The matrix takes a point (p, q) to (a p + c q + x, b p + d q + y). A mirror shows in its determinant; taken out of
/// it, the image of the first axis says by how much the picture is turned.
Orientation orientation_of(const AVStream* stream)
{
    const std::uint8_t* data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
    if (data == nullptr) {
        return {};
    }
    const auto* matrix = reinterpret_cast<const std::int32_t*>(data);
    double a = matrix[0];
    double b = matrix[1];
    const double c = matrix[3];
    const double d = matrix[4];
    if (a * d - b * c == 0) { // shows nothing: no matrix anybody meant
        return {};
    }
    Orientation orientation;
    orientation.mirrored = a * d - b * c < 0;
    if (orientation.mirrored) {
        a = -a;
        b = -b;
    }
    const auto quarters = std::lround(std::atan2(b, a) / (std::numbers::pi / 2));
    orientation.rotation = static_cast<int>((quarters + 4) % 4) * 90;
    return orientation;
}

} // namespace longtake::av
