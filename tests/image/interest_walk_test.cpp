#include "pipeline/image/interest_walk.h"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include <cmath>
#include <functional>

namespace longtake::test {
namespace {

using image::walk_of;

/// Something on an even ground, whose middle is where `at` says, by looks.
std::vector<cv::Mat> maps(int looks, const std::function<double(int)>& at, float bright)
{
    std::vector<cv::Mat> all;
    for (int i = 0; i < looks; ++i) {
        cv::Mat map(72, 128, CV_32F, cv::Scalar(1));
        cv::circle(map, {static_cast<int>(128 * at(i)), 36}, 8, cv::Scalar(bright), -1);
        all.push_back(map / cv::sum(map)[0]);
    }
    return all;
}

TEST(InterestWalkTest, OnAnEvenGroundNothingIsClear)
{
    const auto walk = walk_of(maps(
                                  10, [](int) { return 0.2; }, 1),
                              0.316, true);
    EXPECT_FALSE(walk.clear);
    EXPECT_EQ(walk.centres.size(), 10U);
}

TEST(InterestWalkTest, StandsStillForWhatStandsStill)
{
    const auto walk = walk_of(maps(
                                  10, [](int) { return 0.2; }, 40),
                              0.316, true);
    EXPECT_TRUE(walk.clear);
    for (const double centre : walk.centres) {
        EXPECT_EQ(centre, walk.centres.front());
        EXPECT_NEAR(centre, 0.2, 0.05);
    }
}

TEST(InterestWalkTest, FollowsWhatGoes)
{
    const auto at = [](int i) { return 0.25 + 0.5 * i / 39.0; };
    const auto walk = walk_of(maps(40, at, 200), 0.316, true);
    EXPECT_TRUE(walk.clear);
    for (int i = 0; i < 40; ++i) {
        EXPECT_NEAR(walk.centres[static_cast<std::size_t>(i)], at(i), 0.12) << i;
    }
}

TEST(InterestWalkTest, GoesNowhereForASingleLook)
{
    const auto walk = walk_of(maps(
                                  40, [](int i) { return i == 20 ? 0.8 : 0.25; }, 200),
                              0.316, true);
    EXPECT_NEAR(walk.centres[20], 0.25, 0.15);
}

} // namespace
} // namespace longtake::test
