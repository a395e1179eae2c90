#include "pipeline/render/blend.h"

#include <algorithm>
#include <cmath>

namespace longtake::render {
namespace {

/// What a byte of each of B, G, R and A adds to a plane's sample of 8 bits: BT.709, limited range.
struct Weights {
    float b = 0, g = 0, r = 0, a = 0;
};

constexpr float k_kr = 0.2126F, k_kg = 0.7152F, k_kb = 0.0722F;
constexpr float k_luma = 219.0F / 255;
constexpr float k_cb = 224.0F / 255 / 1.8556F;
constexpr float k_cr = 224.0F / 255 / 1.5748F;
constexpr std::array<Weights, 3> k_weights = {{{k_luma * k_kb, k_luma* k_kg, k_luma* k_kr, 16.0F / 255},
                                               {k_cb * (1 - k_kb), -k_cb* k_kg, -k_cb* k_kr, 128.0F / 255},
                                               {-k_cr * k_kb, -k_cr* k_kg, k_cr*(1 - k_kr), 128.0F / 255}}};

int ceil_shift(int value, int shift)
{
    return (value + (1 << shift) - 1) >> shift;
}

/// Of a raster that is laid over a frame: its pixels that lie inside, and the plane's samples they fall on.
struct Placement {
    int left = 0, top = 0, right = 0, bottom = 0; ///< pixels of the raster

    Placement(const av::Raster& raster, Size frame)
        : left(std::max(0, -raster.left)), top(std::max(0, -raster.top)),
          right(std::min(raster.size.width, frame.width - raster.left)),
          bottom(std::min(raster.size.height, frame.height - raster.top))
    {
    }

    bool empty() const { return left >= right || top >= bottom; }
};

Patch::Plane plane_of(const av::Raster& raster, const Placement& inside, int index, int shift_x, int shift_y,
                      double opacity)
{
    Patch::Plane plane;
    plane.left = (raster.left + inside.left) >> shift_x;
    plane.top = (raster.top + inside.top) >> shift_y;
    plane.width = ceil_shift(raster.left + inside.right, shift_x) - plane.left;
    plane.height = ceil_shift(raster.top + inside.bottom, shift_y) - plane.top;
    const std::size_t samples = static_cast<std::size_t>(plane.width) * plane.height;
    std::vector<float> alpha(samples, 0);
    std::vector<float> ink(samples, 0);
    const Weights& weights = k_weights[static_cast<std::size_t>(index)];
    for (int y = inside.top; y < inside.bottom; ++y) {
        const std::size_t row = static_cast<std::size_t>(((raster.top + y) >> shift_y) - plane.top) * plane.width;
        const std::uint8_t* pixel =
            raster.bgra.data() + (static_cast<std::size_t>(y) * raster.size.width + inside.left) * 4;
        for (int x = inside.left; x < inside.right; ++x, pixel += 4) {
            if (pixel[3] != 0) {
                const std::size_t at = row + static_cast<std::size_t>(((raster.left + x) >> shift_x) - plane.left);
                alpha[at] += pixel[3];
                ink[at] += weights.b * pixel[0] + weights.g * pixel[1] + weights.r * pixel[2] + weights.a * pixel[3];
            }
        }
    }
    // A sample is the mean of the pixels it covers; what lies outside of the raster is transparent.
    const auto share = static_cast<float>(256 * opacity / (1 << (shift_x + shift_y)));
    plane.alpha.resize(samples);
    plane.ink.resize(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const auto covers = static_cast<std::uint16_t>(alpha[i] * share / 255 + 0.5F);
        // No more than the brightest sample times alpha: the sum with what is under it stays inside 16 bits.
        const float most = 255.0F * covers;
        plane.alpha[i] = covers;
        plane.ink[i] = static_cast<std::uint16_t>(std::clamp(ink[i] * share + 0.5F, 0.0F, most));
    }
    return plane;
}

/// In 16 bits, which compilers do eight at a time.
void blend_row(std::uint8_t* row, const std::uint16_t* alpha, const std::uint16_t* ink, int count, int)
{
    for (int x = 0; x < count; ++x) {
        const auto kept = static_cast<std::uint16_t>(row[x] * static_cast<std::uint16_t>(256 - alpha[x]));
        row[x] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(kept + ink[x] + 128) >> 8);
    }
}

void blend_row(std::uint16_t* row, const std::uint16_t* alpha, const std::uint16_t* ink, int count, int bits)
{
    for (int x = 0; x < count; ++x) {
        const std::uint32_t kept = std::uint32_t{row[x]} * (256U - alpha[x]);
        row[x] = static_cast<std::uint16_t>((kept + (std::uint32_t{ink[x]} << (bits - 8)) + 128) >> 8);
    }
}

void darken_row(std::uint8_t* row, int count, int kept, int black)
{
    const auto keep = static_cast<std::uint16_t>(kept);
    const auto add = static_cast<std::uint16_t>(black * (256 - kept) + 128);
    for (int x = 0; x < count; ++x) {
        row[x] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(row[x] * keep + add) >> 8);
    }
}

void darken_row(std::uint16_t* row, int count, int kept, int black)
{
    const auto add = static_cast<std::uint32_t>(black * (256 - kept) + 128);
    for (int x = 0; x < count; ++x) {
        row[x] = static_cast<std::uint16_t>((row[x] * static_cast<std::uint32_t>(kept) + add) >> 8);
    }
}

template <class Sample>
Sample* row_of(const av::Frame& frame, int plane, int row)
{
    return reinterpret_cast<Sample*>(frame.plane(plane) + static_cast<std::ptrdiff_t>(row) * frame.stride(plane));
}

template <class Sample>
void blend_as(const av::Frame& frame, const Patch& patch, int bits)
{
    for (int i = 0; i < 3; ++i) {
        const Patch::Plane& plane = patch.planes[static_cast<std::size_t>(i)];
        for (int y = 0; y < plane.height; ++y) {
            const std::size_t at = static_cast<std::size_t>(y) * plane.width;
            blend_row(row_of<Sample>(frame, i, plane.top + y) + plane.left, plane.alpha.data() + at,
                      plane.ink.data() + at, plane.width, bits);
        }
    }
}

template <class Sample>
void darken_as(const av::Frame& frame, const Scrim& scrim, const av::PlaneLayout& layout, double opacity)
{
    const Size size = frame.size();
    for (int i = 0; i < 3; ++i) {
        const int shift_x = i == 0 ? 0 : layout.shift_x;
        const int shift_y = i == 0 ? 0 : layout.shift_y;
        const int black = (i == 0 ? 16 : 128) << (layout.bits - 8);
        for (int y = 0; y < ceil_shift(size.height, shift_y); ++y) {
            const double middle = (y + 0.5) * (1 << shift_y);
            const int kept = static_cast<int>(std::lround(256 * (1 - scrim.at(middle) * opacity)));
            if (kept < 256) {
                darken_row(row_of<Sample>(frame, i, y), ceil_shift(size.width, shift_x), kept, black);
            }
        }
    }
}

/// 0 to 1 without a corner at either end.
double smooth(double t)
{
    t = std::clamp(t, 0.0, 1.0);
    return t * t * (3 - 2 * t);
}

} // namespace

Patch patch_of(const av::Raster& raster, const av::PlaneLayout& layout, Size frame, double opacity)
{
    Patch patch;
    const Placement inside(raster, frame);
    if (inside.empty()) {
        return patch;
    }
    for (int i = 0; i < 3; ++i) {
        patch.planes[static_cast<std::size_t>(i)] =
            plane_of(raster, inside, i, i == 0 ? 0 : layout.shift_x, i == 0 ? 0 : layout.shift_y, opacity);
    }
    return patch;
}

void blend(const av::Frame& frame, const Patch& patch, const av::PlaneLayout& layout)
{
    if (layout.bits == 8) {
        blend_as<std::uint8_t>(frame, patch, layout.bits);
    } else {
        blend_as<std::uint16_t>(frame, patch, layout.bits);
    }
}

double Scrim::at(double row) const noexcept
{
    const double in = dark > begin ? smooth((row - begin) / (dark - begin)) : (row >= begin ? 1 : 0);
    const double out = end > deep ? smooth((end - row) / (end - deep)) : (row <= end ? 1 : 0);
    return strength * std::min(in, out);
}

void darken(const av::Frame& frame, const Scrim& scrim, const av::PlaneLayout& layout, double opacity)
{
    if (layout.bits == 8) {
        darken_as<std::uint8_t>(frame, scrim, layout, opacity);
    } else {
        darken_as<std::uint16_t>(frame, scrim, layout, opacity);
    }
}

} // namespace longtake::render
