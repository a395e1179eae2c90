#include "pipeline/render/transitions.h"

#include "pipeline/base/error.h"
#include "pipeline/base/smoothstep.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace longtake::render {
namespace {

constexpr int k_planes = 3;
constexpr int k_unit = 256;          ///< weights are 8-bit fractions
constexpr double k_soft_edge = 24.0; ///< part of the side an edge crosses

struct Plane {
    const std::uint8_t* a;
    const std::uint8_t* b;
    std::uint8_t* out;
    int stride_a, stride_b, stride_out;
    int width, height;
    int index; ///< 0 luma, 1 and 2 chroma
};

template <class Work>
void for_each_plane(const av::Frame& a, const av::Frame& b, av::Frame& out, Work&& work)
{
    for (int i = 0; i < k_planes; ++i) {
        const Size size = a.size();
        const int width = i == 0 ? size.width : (size.width + 1) / 2;
        const int height = i == 0 ? size.height : (size.height + 1) / 2;
        work(Plane{a.plane(i), b.plane(i), out.plane(i), a.stride(i), b.stride(i), out.stride(i), width, height, i});
    }
}

/// out = a + (b - a) * weight, rounded; weight 0..256.
void mix_row(const std::uint8_t* a, const std::uint8_t* b, std::uint8_t* out, int width, int weight)
{
    for (int x = 0; x < width; ++x) {
        out[x] = static_cast<std::uint8_t>((a[x] * (k_unit - weight) + b[x] * weight + k_unit / 2) >> 8);
    }
}

void mix_row(const std::uint8_t* a, const std::uint8_t* b, std::uint8_t* out, int width, const std::uint16_t* weights)
{
    for (int x = 0; x < width; ++x) {
        out[x] = static_cast<std::uint8_t>((a[x] * (k_unit - weights[x]) + b[x] * weights[x] + k_unit / 2) >> 8);
    }
}

/// The same of samples with 10 bits; `b`: null for one value everywhere.
av::Frame deep_mix(const av::Frame& a, const av::Frame* b, int luma, int weight)
{
    av::Frame out = av::Frame::like(a);
    for_each_plane(a, b != nullptr ? *b : a, out, [&](const Plane& p) {
        const int flat = p.index == 0 ? luma : 512;
        for (int y = 0; y < p.height; ++y) {
            const auto* row_a = reinterpret_cast<const std::uint16_t*>(p.a + y * p.stride_a);
            const auto* row_b = reinterpret_cast<const std::uint16_t*>(p.b + y * p.stride_b);
            auto* row = reinterpret_cast<std::uint16_t*>(p.out + y * p.stride_out);
            for (int x = 0; x < p.width; ++x) {
                const int other = b != nullptr ? row_b[x] : flat;
                row[x] = static_cast<std::uint16_t>((row_a[x] * (k_unit - weight) + other * weight + k_unit / 2) >> 8);
            }
        }
    });
    return out;
}

av::Frame dissolve(const av::Frame& a, const av::Frame& b, double progress)
{
    const int weight = static_cast<int>(std::lround(std::clamp(progress, 0.0, 1.0) * k_unit));
    if (a.deep()) {
        return deep_mix(a, &b, 0, weight);
    }
    av::Frame out = av::Frame::yuv420(a.size());
    for_each_plane(a, b, out, [&](const Plane& p) {
        for (int y = 0; y < p.height; ++y) {
            mix_row(p.a + y * p.stride_a, p.b + y * p.stride_b, p.out + y * p.stride_out, p.width, weight);
        }
    });
    return out;
}

/// Down to the colour in the first half, up from it in the second.
av::Frame fade_through(const av::Frame& a, const av::Frame& b, double progress, std::uint8_t luma)
{
    if (a.deep()) {
        const double share = progress < 0.5 ? progress * 2 : 2 - progress * 2;
        const int weight = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * k_unit));
        return deep_mix(progress < 0.5 ? a : b, nullptr, 4 * luma, weight);
    }
    const av::Frame colour = av::Frame::plain(a.size(), luma, 128, 128);
    return progress < 0.5 ? dissolve(a, colour, progress * 2) : dissolve(colour, b, progress * 2 - 1);
}

/// Weight of `b` at a distance from where the edge set out: all of it behind the edge, none `soft` before it.
std::uint16_t weight_at(double distance, double edge, double soft)
{
    return static_cast<std::uint16_t>(std::lround(smoothstep((edge - distance) / soft) * k_unit));
}

/// Weight of `b` along one side: 256 behind the moving edge, 0 before it, a smooth step between.
std::vector<std::uint16_t> edge_weights(int length, double progress, bool from_end)
{
    const double soft = length / k_soft_edge;
    const double edge = progress * (length + soft);
    std::vector<std::uint16_t> weights(static_cast<std::size_t>(length));
    for (int i = 0; i < length; ++i) {
        const double position = from_end ? length - 1 - i : i;
        weights[static_cast<std::size_t>(i)] = weight_at(position, edge, soft);
    }
    return weights;
}

av::Frame wipe(const av::Frame& a, const av::Frame& b, double progress, bool horizontal, bool from_end)
{
    av::Frame out = av::Frame::yuv420(a.size());
    for_each_plane(a, b, out, [&](const Plane& p) {
        const auto weights = edge_weights(horizontal ? p.width : p.height, progress, from_end);
        for (int y = 0; y < p.height; ++y) {
            const std::uint8_t* row_a = p.a + y * p.stride_a;
            const std::uint8_t* row_b = p.b + y * p.stride_b;
            std::uint8_t* row = p.out + y * p.stride_out;
            if (horizontal) {
                mix_row(row_a, row_b, row, p.width, weights.data());
            } else {
                mix_row(row_a, row_b, row, p.width, weights[static_cast<std::size_t>(y)]);
            }
        }
    });
    return out;
}

/// The new picture opens in a circle from the middle.
av::Frame iris(const av::Frame& a, const av::Frame& b, double progress)
{
    av::Frame out = av::Frame::yuv420(a.size());
    for_each_plane(a, b, out, [&](const Plane& p) {
        const double across = (p.width - 1) / 2.0;
        const double down = (p.height - 1) / 2.0;
        const double radius = std::hypot(across, down);
        const double soft = std::max(1.0, radius / k_soft_edge);
        const double edge = progress * (radius + soft);
        std::vector<std::uint16_t> weights(static_cast<std::size_t>(p.width));
        for (int y = 0; y < p.height; ++y) {
            for (int x = 0; x < p.width; ++x) {
                weights[static_cast<std::size_t>(x)] = weight_at(std::hypot(x - across, y - down), edge, soft);
            }
            mix_row(p.a + y * p.stride_a, p.b + y * p.stride_b, p.out + y * p.stride_out, p.width, weights.data());
        }
    });
    return out;
}

/// The new picture pushes the old one out; offsets are even so that chroma moves with luma.
av::Frame slide(const av::Frame& a, const av::Frame& b, double progress, bool to_left)
{
    av::Frame out = av::Frame::yuv420(a.size());
    const int luma_offset = static_cast<int>(std::lround(progress * a.size().width / 2.0)) * 2;
    for_each_plane(a, b, out, [&](const Plane& p) {
        const int offset = std::clamp(p.index == 0 ? luma_offset : luma_offset / 2, 0, p.width);
        const auto kept = static_cast<std::size_t>(p.width - offset);
        const auto come = static_cast<std::size_t>(offset);
        for (int y = 0; y < p.height; ++y) {
            const std::uint8_t* row_a = p.a + y * p.stride_a;
            const std::uint8_t* row_b = p.b + y * p.stride_b;
            std::uint8_t* row = p.out + y * p.stride_out;
            if (to_left) {
                std::memcpy(row, row_a + offset, kept);
                std::memcpy(row + kept, row_b, come);
            } else {
                std::memcpy(row, row_b + kept, come);
                std::memcpy(row + come, row_a, kept);
            }
        }
    });
    return out;
}

} // namespace

double transition_progress(TransitionType type, std::int64_t index, std::int64_t length)
{
    const double t = static_cast<double>(index + 1) / static_cast<double>(length + 1);
    return traits_of(type).eases ? smoothstep(t) : t;
}

av::Frame transition_frame(TransitionType type, const av::Frame& a, const av::Frame& b, double progress)
{
    switch (type) {
    case TransitionType::cut: return b.share();
    case TransitionType::dissolve:
    case TransitionType::morph: return dissolve(a, b, progress);
    case TransitionType::fade_black: return fade_through(a, b, progress, 16);
    case TransitionType::fade_white: return fade_through(a, b, progress, 235);
    case TransitionType::wipe_left: return wipe(a, b, progress, true, true);
    case TransitionType::wipe_right: return wipe(a, b, progress, true, false);
    case TransitionType::wipe_up: return wipe(a, b, progress, false, true);
    case TransitionType::wipe_down: return wipe(a, b, progress, false, false);
    case TransitionType::slide_left: return slide(a, b, progress, true);
    case TransitionType::slide_right: return slide(a, b, progress, false);
    case TransitionType::iris: return iris(a, b, progress);
    }
    throw Error(Errc::internal, "a transition without a picture");
}

} // namespace longtake::render
