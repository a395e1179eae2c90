#include "pipeline/render/overlays.h"

#include "pipeline/render/rendition.h"
#include "tests/render/styled.h"

#include <gtest/gtest.h>

#include <cstring>

namespace longtake::render {
namespace {

constexpr Size k_shown{320, 180};

class OverlaysTest : public ::testing::Test {
protected:
    OverlaysTest()
    {
        film_.rate = {25, 1};
        film_.size = k_shown;
        film_.items = {{"a", 0, 200, {}, {}}};
    }

    Rendition rendition(Rate rate = {25, 1}) const { return {film_, {k_shown}, rate}; }

    Timeline film_;
};

bool equal(const av::Frame& a, const av::Frame& b)
{
    for (int y = 0; y < k_shown.height; ++y) {
        if (std::memcmp(a.plane(0) + y * a.stride(0), b.plane(0) + y * b.stride(0), k_shown.width) != 0) {
            return false;
        }
    }
    return true;
}

TEST_F(OverlaysTest, FramesOutsideAreTheSameObject)
{
    film_.overlays = {test::overlay({{TextRole::title, "Coffee"}}, 50, 100)};
    const Rendition rendition = this->rendition();
    OverlayPainter painter(rendition);
    for (const std::int64_t k : {0, 49, 100, 150}) {
        av::Frame frame = av::Frame::plain(k_shown, 200, 128, 128);
        const std::uint8_t* memory = frame.plane(0);
        EXPECT_EQ(painter.paint(std::move(frame), k).plane(0), memory) << k;
    }
}

TEST_F(OverlaysTest, TheFrameItselfStaysAsItIsForOthersWhoSeeIt)
{
    film_.overlays = {test::overlay({{TextRole::title, "Coffee"}}, 0, 100)};
    const Rendition rendition = this->rendition();
    const av::Frame frame = av::Frame::plain(k_shown, 200, 128, 128);
    OverlayPainter painter(rendition);
    const av::Frame painted = painter.paint(frame.share(), 40);
    EXPECT_FALSE(equal(painted, frame));
    EXPECT_TRUE(equal(frame, av::Frame::plain(k_shown, 200, 128, 128)));
    for (int y = 0; y < k_shown.height / 3; ++y) {
        EXPECT_EQ(painted.plane(0)[y * painted.stride(0) + 50], 200) << "row " << y << " is far from the text";
    }
}

TEST_F(OverlaysTest, AHeldPictureUnderTextThatStandsStillIsDrawnOnce)
{
    film_.overlays = {test::overlay({{TextRole::title, "Coffee"}}, 0, 100)};
    const Rendition rendition = this->rendition();
    const av::Frame frame = av::Frame::plain(k_shown, 200, 128, 128);
    OverlayPainter painter(rendition);
    const av::Frame first = painter.paint(frame.share(), 40);
    EXPECT_EQ(painter.paint(frame.share(), 41).plane(0), first.plane(0));
    EXPECT_NE(painter.paint(av::Frame::plain(k_shown, 90, 128, 128), 42).plane(0), first.plane(0));
    EXPECT_NE(painter.paint(frame.share(), 98).plane(0), first.plane(0)) << "it goes";
}

TEST_F(OverlaysTest, WhereReadingBeginsDoesNotShapeAFrame)
{
    film_.overlays = {test::overlay({{TextRole::title, "Coffee every day"}}, 0, 100)};
    const Rendition rendition = this->rendition();
    OverlayPainter from_start(rendition);
    for (std::int64_t k = 0; k < 8; ++k) {
        const av::Frame frame = av::Frame::plain(k_shown, 200, 128, 128);
        const av::Frame there = from_start.paint(frame.share(), k);
        EXPECT_TRUE(equal(there, OverlayPainter(rendition).paint(frame.share(), k))) << k;
    }
}

TEST_F(OverlaysTest, AreCountedAtTheRateTheyAreShownAt)
{
    film_.overlays = {test::overlay({{TextRole::title, "a"}}, 50, 100),
                      test::overlay({{TextRole::title, "b"}}, 90, 200)};
    const auto spans = overlays_in(rendition({50, 1}), 150, 40);
    ASSERT_EQ(spans.size(), 2U);
    EXPECT_EQ(spans[0].from, 100);
    EXPECT_EQ(spans[0].to, 200);
    EXPECT_EQ(spans[1].from, 180);
    EXPECT_TRUE(overlays_in(rendition(), 0, 50).empty());
}

} // namespace
} // namespace longtake::render
