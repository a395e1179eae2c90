#include "pipeline/image/grade.h"

#include "pipeline/image/ycc.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace longtake::image {
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

constexpr double k_flat = 2; ///< code values: deviations below are noise more than picture

/// What a gain leaves as it is: black, and no colour.
double pivot_of(std::size_t channel)
{
    return channel == 0 ? 16 : 128;
}

} // namespace

av::Frame graded(const av::Frame& frame, const Grade& grade)
{
    if (grade == Grade{}) {
        return frame.share();
    }
    const Size size = frame.size();
    av::Frame out = av::Frame::yuv420(size);
    for (int plane = 0; plane < 3; ++plane) {
        const auto index = static_cast<std::size_t>(plane);
        const Table table = table_for(grade.gain[index], grade.offset[index], pivot_of(index));
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

av::Frame graded_rgb(const av::Frame& rgb, const Grade& grade)
{
    if (grade == Grade{}) {
        return rgb.share();
    }
    av::Frame out = av::Frame::rgb(rgb.size());
    const std::ptrdiff_t width = 3 * static_cast<std::ptrdiff_t>(rgb.size().width);
    for (int y = 0; y < rgb.size().height; ++y) {
        const std::uint8_t* from = rgb.plane(0) + static_cast<std::ptrdiff_t>(y) * rgb.stride(0);
        std::copy(from, from + width, out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0));
    }
    each_pixel(out, [&](std::uint8_t* p) {
        Ycc ycc = ycc_of(p);
        for (std::size_t i = 0; i < 3; ++i) {
            ycc[i] = (ycc[i] - pivot_of(i)) * grade.gain[i] + pivot_of(i) + grade.offset[i];
        }
        const auto code = rgb_of(ycc);
        std::copy(code.begin(), code.end(), p);
    });
    return out;
}

Grade grade_between(const ColourMoments& from, const ColourMoments& to, const GradeLimits& limits)
{
    Grade grade;
    for (std::size_t i = 0; i < 3; ++i) {
        const double shift = to.mean[i] - from.mean[i];
        const double spread = to.deviation[i] - from.deviation[i];
        if (std::abs(shift) < limits.unseen && std::abs(spread) < limits.unseen) {
            continue;
        }
        const double pivot = pivot_of(i);
        grade.gain[i] =
            std::clamp((to.deviation[i] + k_flat) / (from.deviation[i] + k_flat), limits.least_gain, limits.most_gain);
        const double mean = from.mean[i] + std::clamp(shift, -limits.shift, limits.shift);
        grade.offset[i] = mean - pivot - grade.gain[i] * (from.mean[i] - pivot);
    }
    return grade;
}

Grade rounded(const Grade& grade)
{
    constexpr double k_gain_steps = 10000;
    constexpr double k_offset_steps = 100;
    Grade round;
    for (std::size_t i = 0; i < 3; ++i) {
        round.gain[i] = std::round(grade.gain[i] * k_gain_steps) / k_gain_steps;
        round.offset[i] = std::round(grade.offset[i] * k_offset_steps) / k_offset_steps;
    }
    return round;
}

Grade chained(const Grade& first, const Grade& second)
{
    Grade both;
    for (std::size_t i = 0; i < 3; ++i) {
        both.gain[i] = second.gain[i] * first.gain[i];
        both.offset[i] = second.gain[i] * first.offset[i] + second.offset[i];
    }
    return both;
}

Grade share_of(const Grade& grade, double share)
{
    Grade part;
    for (std::size_t i = 0; i < 3; ++i) {
        part.gain[i] = 1 + (grade.gain[i] - 1) * share;
        part.offset[i] = grade.offset[i] * share;
    }
    return part;
}

Grade inverse(const Grade& grade)
{
    Grade back;
    for (std::size_t i = 0; i < 3; ++i) {
        back.gain[i] = 1 / grade.gain[i];
        back.offset[i] = -grade.offset[i] / grade.gain[i];
    }
    return back;
}

} // namespace longtake::image
