#include "pipeline/image/lut/lut.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/image/ycc.h"
#include "tests/support/cubes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace longtake::image {
namespace {

Lut lut(const std::string& text)
{
    return Lut(parse_cube(text, "test.cube"));
}

/// Samples of any value, legal or not.
av::Frame noise(Size size)
{
    std::mt19937 random(7);
    av::Frame frame = av::Frame::yuv420(size);
    for (int plane = 0; plane < 3; ++plane) {
        for (int y = 0; y < (plane == 0 ? size.height : (size.height + 1) / 2); ++y) {
            for (int x = 0; x < (plane == 0 ? size.width : (size.width + 1) / 2); ++x) {
                frame.plane(plane)[y * frame.stride(plane) + x] = static_cast<std::uint8_t>(random() % 256);
            }
        }
    }
    return frame;
}

int farthest(const av::Frame& a, const av::Frame& b)
{
    int most = 0;
    const Size size = a.size();
    for (int plane = 0; plane < 3; ++plane) {
        for (int y = 0; y < (plane == 0 ? size.height : (size.height + 1) / 2); ++y) {
            for (int x = 0; x < (plane == 0 ? size.width : (size.width + 1) / 2); ++x) {
                most = std::max(
                    most, std::abs(a.plane(plane)[y * a.stride(plane) + x] - b.plane(plane)[y * b.stride(plane) + x]));
            }
        }
    }
    return most;
}

/// One colour, given as R'G'B' of 8 bits, and what comes of it.
std::array<int, 3> through(const Lut& lut, const std::array<std::uint8_t, 3>& rgb)
{
    const Ycc in = ycc_of(rgb.data());
    const auto code = [](double v) { return static_cast<std::uint8_t>(std::lround(v)); };
    const av::Frame out = lut.apply(av::Frame::plain({6, 4}, code(in[0]), code(in[1]), code(in[2])));
    const auto back = rgb_of({static_cast<double>(out.plane(0)[0]), static_cast<double>(out.plane(1)[0]),
                              static_cast<double>(out.plane(2)[0])});
    return {back[0], back[1], back[2]};
}

TEST(LutTest, ATableThatChangesNothingChangesNoSample)
{
    for (const Size size : {Size{160, 90}, Size{63, 35}, Size{1, 1}}) {
        const av::Frame picture = noise(size);
        for (const int side : {2, 17, 33, 64}) {
            EXPECT_EQ(farthest(lut(test::identity_cube(side)).apply(picture), picture), 0) << side;
        }
        EXPECT_EQ(farthest(lut("LUT_1D_SIZE 3\n0 0 0\n.5 .5 .5\n1 1 1\n").apply(picture), picture), 0);
    }
}

TEST(LutTest, ChannelsAreSwapped)
{
    const Lut swap = lut(test::swapping_cube(5));
    for (const auto& rgb : {std::array<std::uint8_t, 3>{200, 60, 20}, {10, 250, 128}, {90, 90, 90}, {255, 0, 0}}) {
        const auto out = through(swap, rgb);
        EXPECT_NEAR(out[0], rgb[2], 3);
        EXPECT_NEAR(out[1], rgb[1], 3);
        EXPECT_NEAR(out[2], rgb[0], 3);
    }
}

/// Entries lie on planes, so that every tetrahedron gives the same as the planes do.
TEST(LutTest, BetweenEntriesItIsLinear)
{
    const Lut mixed = lut(test::cube(4, [](test::Rgb01 c) {
        return test::Rgb01{0.5 * c[0] + 0.3 * c[1], 0.1 + 0.6 * c[2], 0.2 * c[0] + 0.2 * c[1] + 0.5 * c[2]};
    }));
    for (int r = 5; r < 256; r += 50) {
        for (int g = 5; g < 256; g += 50) {
            for (int b = 5; b < 256; b += 50) {
                const auto out = through(
                    mixed, {static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b)});
                EXPECT_NEAR(out[0], 0.5 * r + 0.3 * g, 3);
                EXPECT_NEAR(out[1], 25.5 + 0.6 * b, 3);
                EXPECT_NEAR(out[2], 0.2 * r + 0.2 * g + 0.5 * b, 3);
            }
        }
    }
}

TEST(LutTest, AlongGreysTheDiagonalCounts)
{
    const Lut curved =
        lut(test::cube(2, [](test::Rgb01 c) { // only black and white are on the way from one to the other
            const bool grey = c[0] == c[1] && c[1] == c[2];
            return grey ? test::Rgb01{1 - c[0], 1 - c[0], 1 - c[0]} : test::Rgb01{1, 0, 0};
        }));
    const auto out = through(curved, {100, 100, 100});
    EXPECT_NEAR(out[0], 155, 2);
    EXPECT_NEAR(out[1], 155, 2);
    EXPECT_NEAR(out[2], 155, 2);
}

TEST(LutTest, BlackAndWhiteLeavesNoColour)
{
    const Lut grey = lut(test::cube(17, [](test::Rgb01 c) {
        const double y = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
        return test::Rgb01{y, y, y};
    }));
    const av::Frame picture = noise({64, 48});
    const av::Frame out = grey.apply(picture);
    for (int y = 0; y < 24; ++y) {
        for (int x = 0; x < 32; ++x) {
            EXPECT_NEAR(out.plane(1)[y * out.stride(1) + x], 128, 1);
            EXPECT_NEAR(out.plane(2)[y * out.stride(2) + x], 128, 1);
        }
    }
    EXPECT_EQ(out.plane(0)[0], picture.plane(0)[0]);
}

TEST(LutTest, ItsDomainIsKeptTo)
{
    const Lut middle = lut("LUT_1D_SIZE 2\nDOMAIN_MIN .25 .25 .25\nDOMAIN_MAX .75 .75 .75\n0 0 0\n1 1 1\n");
    EXPECT_NEAR(through(middle, {128, 128, 128})[0], 128, 2);
    EXPECT_NEAR(through(middle, {96, 96, 96})[1], 64, 2);
    EXPECT_NEAR(through(middle, {20, 20, 20})[2], 0, 1);
    EXPECT_NEAR(through(middle, {250, 250, 250})[0], 255, 1);
}

TEST(LutTest, OneFileIsReadOnce)
{
    const test::TempDir dir;
    write_atomic(dir / "a.cube", test::identity_cube(2));
    const auto first = lut_of({dir / "a.cube", "aaa"});
    EXPECT_EQ(lut_of({dir / "a.cube", "aaa"}), first);
    EXPECT_NE(lut_of({dir / "a.cube", "bbb"}), first) << "another content";
    write_atomic(dir / "a.cube", "LUT_3D_SIZE 9\n");
    EXPECT_THROW(lut_of({dir / "a.cube", "ccc"}), Error);
    EXPECT_THROW(lut_of({dir / "none.cube", "ddd"}), Error);
}

} // namespace
} // namespace longtake::image
