#include "stages/prepare/enlarge.h"

#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

using stages::picture::enlarged;

cv::Mat edge_of(int dark, int bright)
{
    cv::Mat picture(20, 20, CV_8UC3, cv::Scalar::all(dark));
    picture.colRange(10, 20) = cv::Scalar::all(bright);
    return picture;
}

TEST(EnlargeTest, AnEdgeGetsNoHalo)
{
    const cv::Mat out = enlarged(edge_of(60, 180), {300, 300});
    double least = 0, most = 0;
    cv::minMaxLoc(out.clone().reshape(1), &least, &most);

    EXPECT_GE(least, 60 - 4); // Lanczos alone: 20 beyond
    EXPECT_LE(most, 180 + 4);
}

TEST(EnlargeTest, AnEdgeStaysSharp)
{
    const cv::Mat out = enlarged(edge_of(0, 200), {300, 20}); // 15 times
    int between = 0;
    for (int x = 0; x < out.cols; ++x) {
        const int value = out.at<cv::Vec3b>(10, x)[1];
        between += value > 20 && value < 180 ? 1 : 0;
    }
    EXPECT_LE(between, 12); // of the 15 that one pixel has become
}

TEST(EnlargeTest, APhotographComesBackAsWellAsByLanczos)
{
    const cv::Mat coffee = cv::imread(photo("coffee.png").string());
    cv::Mat small, lanczos;
    cv::resize(coffee, small, {}, 0.5, 0.5, cv::INTER_AREA);
    cv::resize(small, lanczos, coffee.size(), 0, 0, cv::INTER_LANCZOS4);

    EXPECT_GT(cv::PSNR(enlarged(small, coffee.size()), coffee), cv::PSNR(lanczos, coffee) - 0.2);
}

TEST(EnlargeTest, WhatIsFlatStaysFlatAndEverySizeIsExact)
{
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(7, 3), cv::Size(300, 301)}) {
        const cv::Mat out = enlarged(cv::Mat(1, 1, CV_8UC4, cv::Scalar(9, 99, 199, 255)), size);
        ASSERT_EQ(out.size(), size);
        EXPECT_EQ(cv::norm(out, cv::Mat(size, CV_8UC4, cv::Scalar(9, 99, 199, 255)), cv::NORM_INF), 0);
    }
}

} // namespace
} // namespace longtake::test
