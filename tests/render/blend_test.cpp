#include "pipeline/render/blend.h"

#include "pipeline/av/picture/reframe.h"

#include <gtest/gtest.h>

#include <cmath>

namespace longtake::render {
namespace {

constexpr Size k_size{64, 48};

/// A raster of every alpha, in one colour.
av::Raster ramp(int left, int top, std::array<int, 3> rgb)
{
    av::Raster raster{left, top, {32, 16}, {}};
    for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 32; ++x) {
            const int alpha = (y * 32 + x) / 2;
            for (const int i : {2, 1, 0}) {
                raster.bgra.push_back(static_cast<std::uint8_t>(std::lround(rgb[i] * alpha / 255.0)));
            }
            raster.bgra.push_back(static_cast<std::uint8_t>(alpha));
        }
    }
    return raster;
}

av::Frame ground(const std::string& format)
{
    return av::Reframe(k_size, Fit::pad, format).apply(av::Frame::plain(k_size, 100, 110, 150));
}

double sample(const av::Frame& frame, const av::PlaneLayout& layout, int plane, int x, int y)
{
    const std::uint8_t* row = frame.plane(plane) + static_cast<std::ptrdiff_t>(y) * frame.stride(plane);
    return layout.bits == 8 ? row[x] : reinterpret_cast<const std::uint16_t*>(row)[x];
}

/// Luma of the blend in floating point.
double expected_luma(const av::Raster& raster, int x, int y, double under, int bits, double opacity)
{
    const int column = x - raster.left;
    const int row = y - raster.top;
    if (column < 0 || row < 0 || column >= raster.size.width || row >= raster.size.height) {
        return under;
    }
    const std::uint8_t* p = &raster.bgra[(static_cast<std::size_t>(row) * raster.size.width + column) * 4];
    const double alpha = p[3] / 255.0;
    const double ink = 16 * alpha + 219 * (0.2126 * p[2] + 0.7152 * p[1] + 0.0722 * p[0]) / 255;
    return under * (1 - alpha * opacity) + ink * opacity * (1 << (bits - 8));
}

class BlendTest : public ::testing::TestWithParam<const char*> {};

TEST_P(BlendTest, LumaIsThatOfFloatingPointToACode)
{
    for (const double opacity : {1.0, 0.37}) {
        const av::Frame frame = av::writable_copy(ground(GetParam()));
        const av::PlaneLayout layout = av::plane_layout(frame);
        const double under = sample(frame, layout, 0, 0, 0);
        const av::Raster raster = ramp(13, 11, {250, 120, 40});
        blend(frame, patch_of(raster, layout, k_size, opacity), layout);
        const double step = 1.0 * (1 << (layout.bits - 8));
        for (int y = 0; y < k_size.height; ++y) {
            for (int x = 0; x < k_size.width; ++x) {
                ASSERT_NEAR(sample(frame, layout, 0, x, y), expected_luma(raster, x, y, under, layout.bits, opacity),
                            step)
                    << x << ' ' << y;
            }
        }
    }
}

TEST_P(BlendTest, OpaqueColoursAreThoseOfBt709)
{
    const av::Frame frame = av::writable_copy(ground(GetParam()));
    const av::PlaneLayout layout = av::plane_layout(frame);
    av::Raster red{8, 8, {16, 16}, {}};
    for (int i = 0; i < 256; ++i) {
        red.bgra.insert(red.bgra.end(), {0, 0, 255, 255});
    }
    blend(frame, patch_of(red, layout, k_size), layout);
    const double unit = 1 << (layout.bits - 8);
    const int x = 16 >> layout.shift_x;
    const int y = 16 >> layout.shift_y;
    EXPECT_NEAR(sample(frame, layout, 0, 16, 16), 63 * unit, unit);
    EXPECT_NEAR(sample(frame, layout, 1, x, y), 102 * unit, unit);
    EXPECT_NEAR(sample(frame, layout, 2, x, y), 240 * unit, unit);
    EXPECT_EQ(sample(frame, layout, 0, 7, 16), sample(ground(GetParam()), layout, 0, 7, 16)) << "beside it nothing";
}

INSTANTIATE_TEST_SUITE_P(Formats, BlendTest, ::testing::Values("yuv420p", "yuv444p", "yuv420p10le", "yuv422p10le"));

TEST(BlendEdgeTest, WhatLeavesThePictureIsCut)
{
    const av::Frame frame = av::writable_copy(ground("yuv420p"));
    const av::PlaneLayout layout = av::plane_layout(frame);
    for (const auto& [left, top] : {std::pair{-20, -5}, {50, 40}, {-100, 0}, {200, 200}}) {
        blend(frame, patch_of(ramp(left, top, {255, 255, 255}), layout, k_size), layout);
    }
    EXPECT_GT(sample(frame, layout, 0, 63, 47), 100);
}

TEST(ScrimTest, IsSoftAndDarkensTowardsBlack)
{
    const Scrim scrim{10, 20, 30, 40, 0.35};
    EXPECT_EQ(scrim.at(9), 0);
    EXPECT_NEAR(scrim.at(15), 0.175, 1e-9);
    EXPECT_EQ(scrim.at(25), 0.35);
    EXPECT_EQ(scrim.at(41), 0);
    const av::Frame frame = av::writable_copy(ground("yuv420p"));
    const av::PlaneLayout layout = av::plane_layout(frame);
    darken(frame, scrim, layout);
    EXPECT_EQ(sample(frame, layout, 0, 5, 3), 100);
    EXPECT_NEAR(sample(frame, layout, 0, 5, 25), 16 + 84 * 0.65, 1);
    EXPECT_NEAR(sample(frame, layout, 2, 2, 12), 128 + 22 * 0.65, 1);
}

} // namespace
} // namespace longtake::render
