#include "pipeline/render/window_view.h"

#include <gtest/gtest.h>

#include <cmath>

namespace longtake::render {
namespace {

constexpr Size k_clip{320, 180};
constexpr Size k_upright{180, 320};

/// Luma and both chromas rise from left to right, by this much a luma sample.
av::Frame ramp(double slope = 0.5)
{
    av::Frame frame = av::Frame::yuv420(k_clip);
    for (const int index : {0, 1, 2}) {
        const int step = index == 0 ? 1 : 2;
        for (int y = 0; y < k_clip.height / step; ++y) {
            for (int x = 0; x < k_clip.width / step; ++x) {
                frame.plane(index)[y * frame.stride(index) + x] =
                    static_cast<std::uint8_t>(std::lround(40 + slope * step * x));
            }
        }
    }
    return frame;
}

FramedWindow upright_window(double x)
{
    FramedWindow framed{k_clip, {102, 180}, {}};
    framed.path.points = {{x, 0.5}};
    return framed;
}

int sample(const av::Frame& frame, int index, int x)
{
    return frame.plane(index)[10 * frame.stride(index) + x];
}

TEST(WindowViewTest, ShowsTheWindowsPartAtTheFilmsSize)
{
    const FramedWindow framed = upright_window(0.5);
    const av::Frame shown = WindowView(framed, k_upright).show(ramp(), 0);
    ASSERT_EQ(shown.size(), k_upright);
    const double scale = 102.0 / 180;
    const double begin = 160 - 51;
    for (const int x : {5, 90, 170}) {
        const double there = begin + (x + 0.5) * scale - 0.5;
        EXPECT_NEAR(sample(shown, 0, x), 40 + 0.5 * there, 1.01) << x;
        if (x % 2 == 0) { // a chroma sample lies on every other luma sample
            EXPECT_NEAR(sample(shown, 1, x / 2), 40 + 0.5 * there, 1.01) << x;
            EXPECT_NEAR(sample(shown, 2, x / 2), 40 + 0.5 * there, 1.01) << x;
        }
    }
}

TEST(WindowViewTest, MovesByLessThanAPixel)
{
    const av::Frame picture = ramp(2); // a step of one code value is half a pixel
    const auto seen = [&](double pixels) {
        const FramedWindow framed = upright_window(0.2 + pixels / 320);
        return sample(WindowView(framed, k_upright).show(picture, 0), 0, 20);
    };
    for (int eighth = 0; eighth < 16; ++eighth) {
        EXPECT_LE(seen(eighth / 8.0 + 0.125) - seen(eighth / 8.0), 1) << eighth;
    }
    EXPECT_EQ(seen(2) - seen(0), 4);
}

TEST(WindowViewTest, FollowsItsPath)
{
    FramedWindow framed = upright_window(0.3);
    framed.path = {FramingPath::Kind::track, 0, 10, {{0.3, 0.5}, {0.3, 0.5}, {0.6, 0.5}, {0.6, 0.5}, {0.6, 0.5}}};
    const WindowView view(framed, k_upright);
    const av::Frame picture = ramp();
    EXPECT_NEAR(sample(view.show(picture, 40), 0, 90) - sample(view.show(picture, 0), 0, 90), 0.3 * 320 * 0.5, 1.5);
}

TEST(WindowViewTest, AWindowLargerThanTheFilmIsBroughtToItsSizeFirst)
{
    const FramedWindow framed = upright_window(0.5);
    const Size small{90, 160};
    const av::Conform to = WindowView(framed, small).conform({small, {24, 1}});
    EXPECT_EQ(to.size, (Size{284, 160}));
    EXPECT_EQ(WindowView(framed, k_upright).conform({k_upright, {24, 1}}).size, k_clip) << "never enlarged";
}

} // namespace
} // namespace longtake::render
