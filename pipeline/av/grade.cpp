#include "pipeline/av/grade.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace longtake::av {
namespace {

using Table = std::array<std::uint8_t, 256>;

Table table_for(double gain, double offset, double pivot)
{
    Table table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double value = (static_cast<double>(i) - pivot) * gain + pivot + offset;
        table[i] = static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
    }
    return table;
}

} // namespace

Frame graded(const Frame& frame, const Grade& grade)
{
    if (grade == Grade{}) {
        return frame.share();
    }
    const Size size = frame.size();
    Frame out = Frame::yuv420(size);
    for (int plane = 0; plane < 3; ++plane) {
        const auto index = static_cast<std::size_t>(plane);
        const Table table = table_for(grade.gain[index], grade.offset[index], plane == 0 ? 16 : 128);
        const int rows = plane == 0 ? size.height : (size.height + 1) / 2;
        const int columns = plane == 0 ? size.width : (size.width + 1) / 2;
        for (int y = 0; y < rows; ++y) {
            const std::uint8_t* from = frame.plane(plane) + static_cast<std::ptrdiff_t>(y) * frame.stride(plane);
            std::uint8_t* to = out.plane(plane) + static_cast<std::ptrdiff_t>(y) * out.stride(plane);
            std::transform(from, from + columns, to, [&](std::uint8_t value) { return table[value]; });
        }
    }
    return out;
}

} // namespace longtake::av
