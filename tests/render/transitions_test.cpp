#include "pipeline/render/transitions.h"

#include "tests/support/clips.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

constexpr Size k_size{96, 48};

int luma_at(const av::Frame& frame, int x, int y)
{
    return frame.plane(0)[y * frame.stride(0) + x];
}

class TransitionFrameTest : public ::testing::Test {
protected:
    av::Frame mix(TransitionType type, double progress) { return render::transition_frame(type, a_, b_, progress); }

    av::Frame a_ = av::Frame::plain(k_size, 40, 100, 110);
    av::Frame b_ = av::Frame::plain(k_size, 200, 150, 140);
};

TEST_F(TransitionFrameTest, ADissolveIsTheWeightedMeanOfAllPlanes)
{
    const av::Frame half = mix(TransitionType::dissolve, 0.5);
    EXPECT_EQ(luma_at(half, 10, 10), 120);
    EXPECT_EQ(half.plane(1)[0], 125);
    EXPECT_EQ(half.plane(2)[0], 125);
    EXPECT_EQ(luma_at(mix(TransitionType::dissolve, 0), 0, 0), 40);
    EXPECT_EQ(luma_at(mix(TransitionType::dissolve, 1), 0, 0), 200);
}

TEST_F(TransitionFrameTest, FadesGoThroughTheirColour)
{
    EXPECT_EQ(luma_at(mix(TransitionType::fade_black, 0.5), 5, 5), 16);
    EXPECT_EQ(luma_at(mix(TransitionType::fade_white, 0.5), 5, 5), 235);
    EXPECT_EQ(mix(TransitionType::fade_black, 0.5).plane(1)[0], 128);
    EXPECT_EQ(luma_at(mix(TransitionType::fade_black, 0.25), 5, 5), 28);
}

TEST_F(TransitionFrameTest, WipesMoveTheirEdgeTheNamedWay)
{
    EXPECT_EQ(luma_at(mix(TransitionType::wipe_left, 0.5), 95, 20), 200); // the edge runs to the left
    EXPECT_EQ(luma_at(mix(TransitionType::wipe_left, 0.5), 0, 20), 40);
    EXPECT_EQ(luma_at(mix(TransitionType::wipe_right, 0.5), 0, 20), 200);
    EXPECT_EQ(luma_at(mix(TransitionType::wipe_up, 0.5), 20, 47), 200);
    EXPECT_EQ(luma_at(mix(TransitionType::wipe_up, 0.5), 20, 0), 40);
    EXPECT_EQ(luma_at(mix(TransitionType::wipe_down, 0.5), 20, 0), 200);
}

TEST_F(TransitionFrameTest, WipesEndInPurePictures)
{
    for (const auto type : {TransitionType::wipe_left, TransitionType::wipe_down}) {
        for (int x = 0; x < k_size.width; x += 5) {
            EXPECT_EQ(luma_at(mix(type, 0), x, 20), 40);
            EXPECT_EQ(luma_at(mix(type, 1), x, 20), 200);
        }
    }
}

TEST_F(TransitionFrameTest, SlidesPushTheOldPictureOut)
{
    const av::Frame left = mix(TransitionType::slide_left, 0.5);
    EXPECT_EQ(luma_at(left, 0, 0), 40);
    EXPECT_EQ(luma_at(left, 95, 0), 200);
    const av::Frame right = mix(TransitionType::slide_right, 0.25);
    EXPECT_EQ(luma_at(right, 0, 0), 200);
    EXPECT_EQ(luma_at(right, 40, 0), 40);
}

TEST_F(TransitionFrameTest, AnIrisOpensInACircleFromTheMiddle)
{
    const av::Frame half = mix(TransitionType::iris, 0.5);
    EXPECT_EQ(luma_at(half, 48, 24), 200);
    EXPECT_EQ(luma_at(half, 0, 0), 40);
    EXPECT_EQ(luma_at(half, 95, 47), 40);
    EXPECT_EQ(luma_at(half, 48 - 20, 24), luma_at(half, 48, 24 + 20)) << "as far down as across";
    for (const double progress : {0.0, 1.0}) {
        const av::Frame pure = mix(TransitionType::iris, progress);
        for (const int x : {0, 30, 48, 95}) {
            EXPECT_EQ(luma_at(pure, x, 24), progress > 0 ? 200 : 40) << x;
            EXPECT_EQ(luma_at(pure, x, 0), progress > 0 ? 200 : 40) << x;
        }
    }
}

TEST(TransitionProgressTest, RepeatsNeitherEnd)
{
    EXPECT_GT(render::transition_progress(TransitionType::dissolve, 0, 15), 0);
    EXPECT_LT(render::transition_progress(TransitionType::dissolve, 14, 15), 1);
    EXPECT_DOUBLE_EQ(render::transition_progress(TransitionType::dissolve, 7, 15), 0.5);
}

} // namespace
} // namespace longtake
