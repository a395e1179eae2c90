#include "pipeline/providers/local/aim.h"

#include "tests/support/photos.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace longtake::local {
namespace {

cv::Mat astronaut()
{
    return cv::imread(test::photo("astronaut.png").string());
}

TEST(AimTest, LooksAtTheFace)
{
    const PicturePoint at = aim_of(astronaut(), {});
    EXPECT_NEAR(at.x, 0.44, 0.06);
    EXPECT_NEAR(at.y, 0.22, 0.08);
}

TEST(AimTest, LooksAtWhatStandsOut)
{
    cv::Mat picture(360, 640, CV_8UC3, cv::Scalar(90, 90, 90));
    cv::circle(picture, {440, 150}, 30, cv::Scalar(30, 60, 240), cv::FILLED);
    const PicturePoint at = aim_of(picture, {});
    EXPECT_NEAR(at.x, 440.0 / 640, 0.05);
    EXPECT_NEAR(at.y, 150.0 / 360, 0.06);
}

TEST(AimTest, TheAuthorsWordWins)
{
    EXPECT_EQ(aim_of(astronaut(), {Focus::On::point, {0.8, 0.1}}), (PicturePoint{0.8, 0.1}));
    EXPECT_EQ(aim_of(astronaut(), {Focus::On::centre, {}}), PicturePoint{});
}

} // namespace
} // namespace longtake::local
