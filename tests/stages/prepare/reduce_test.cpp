#include "stages/prepare/reduce.h"

#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

using stages::picture::reduced;

TEST(Reduce, LeavesOneColourAlone)
{
    for (const cv::Size to : {cv::Size(1, 1), cv::Size(7, 200), cv::Size(299, 199), cv::Size(33, 21)}) {
        const cv::Mat out = reduced(cv::Mat(200, 300, CV_8UC3, cv::Scalar(3, 128, 255)), to);
        ASSERT_EQ(out.size(), to);
        EXPECT_EQ(cv::norm(out, cv::Mat(to, CV_8UC3, cv::Scalar(3, 128, 255)), cv::NORM_INF), 0) << to;
    }
    EXPECT_EQ(reduced(cv::Mat(20, 30, CV_8UC4, cv::Scalar(1, 2, 3, 4)), {9, 9}).at<cv::Vec4b>(4, 4),
              cv::Vec4b(1, 2, 3, 4));
}

TEST(Reduce, KeepsARampWhereItIs)
{
    cv::Mat ramp(40, 1000, CV_8UC3);
    for (int x = 0; x < ramp.cols; ++x) {
        ramp.col(x) = cv::Scalar::all(x / 4);
    }
    const cv::Mat out = reduced(ramp, {431, 17});
    for (int x = 20; x < 410; ++x) { // the middle of a pixel stays the middle
        EXPECT_NEAR(out.at<cv::Vec3b>(8, x)[1], ((x + 0.5) * 1000 / 431 - 0.5) / 4 - 0.375, 0.9) << x;
    }
}

TEST(Reduce, LetsNothingAlias)
{
    cv::Mat stripes(300, 300, CV_8UC3);
    for (int x = 0; x < stripes.cols; ++x) {
        stripes.col(x) = cv::Scalar::all(x % 2 * 255);
    }
    const cv::Mat out = reduced(stripes, {180, 180});
    double least = 0;
    double most = 0;
    cv::minMaxLoc(out(cv::Rect(10, 10, 160, 160)).clone().reshape(1), &least, &most);
    EXPECT_GT(least, 110);
    EXPECT_LT(most, 145);
}

} // namespace
} // namespace longtake::test
