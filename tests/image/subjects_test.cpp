#include "pipeline/image/subjects.h"

#include "tests/support/people.h"

#include <gtest/gtest.h>

#include <numeric>

namespace longtake::test {
namespace {

using image::interest_over;
using image::Observation;
using image::Observer;

/// Her photograph on a grey ground of 800x512, its left edge at `x`.
cv::Mat at(int x)
{
    cv::Mat picture(512, 800, CV_8UC3, cv::Scalar(135, 125, 115));
    astronaut().copyTo(picture(cv::Rect(x, 0, 512, 512)));
    return picture;
}

cv::Mat ground_with_ball(int x)
{
    cv::Mat picture(450, 800, CV_8UC3, cv::Scalar(135, 125, 115));
    cv::circle(picture, {x, 300}, 30, cv::Scalar(90, 160, 130), -1);
    return picture;
}

double centre_of(const cv::Mat& map)
{
    cv::Mat sums;
    cv::reduce(map, sums, 0, cv::REDUCE_SUM, CV_64F);
    double total = 0;
    for (int x = 0; x < sums.cols; ++x) {
        total += x * sums.at<double>(0, x);
    }
    return total;
}

TEST(ObserverTest, AFaceIsSeenAtEveryLookWhileItMoves)
{
    Observer observer;
    for (int i = 0; i < 20; ++i) {
        observer.look(6 * i, at(14 * i));
    }
    const auto seen = observer.finish();
    ASSERT_EQ(seen.size(), 20U);
    for (int i = 0; i < 20; ++i) {
        const Observation& look = seen[static_cast<std::size_t>(i)];
        EXPECT_EQ(look.frame, 6 * i);
        ASSERT_EQ(look.faces.size(), 1U) << i;
        EXPECT_NEAR((look.faces[0].x + look.faces[0].width / 2) * 800, 224 + 14 * i, 14) << i;
    }
}

TEST(ObserverTest, WritingIsSeenWhereThereIsNoFace)
{
    cv::Mat picture(450, 800, CV_8UC3, cv::Scalar(60, 50, 40));
    cv::putText(picture, "Now open on Sundays", {60, 380}, cv::FONT_HERSHEY_SIMPLEX, 1.2, cv::Scalar(240, 240, 240), 3);
    Observer observer;
    for (int i = 0; i < 3; ++i) {
        observer.look(i, picture);
    }
    const auto seen = observer.finish();
    ASSERT_FALSE(seen[0].text.empty());
    EXPECT_GT(seen[0].text[0].y, 0.7);
    EXPECT_LT(seen[0].text[0].x, 0.2);

    Observer plain;
    plain.look(0, ground_with_ball(300));
    EXPECT_TRUE(plain.finish()[0].text.empty());
}

TEST(InterestTest, LiesWithWhatMoves)
{
    Observer observer(false);
    cv::Mat two = ground_with_ball(100); // and another that rolls
    for (int i = 0; i < 5; ++i) {
        cv::Mat picture = two.clone();
        cv::circle(picture, {600 + 20 * i, 300}, 30, cv::Scalar(90, 160, 130), -1);
        observer.look(i, picture);
    }
    const auto maps = interest_over(observer.finish(), {0, 0, 128, 72});
    EXPECT_NEAR(cv::sum(maps[3])[0], 1, 1e-4);
    EXPECT_GT(centre_of(maps[3]), centre_of(maps[0]) + 8);
}

TEST(InterestTest, ACameraThatMovesIsNoSubject)
{
    Observer observer(false);
    const cv::Mat coffee = cv::imread(photo("coffee.png").string()); // 600x400
    for (int i = 0; i < 3; ++i) {
        observer.look(i, coffee(cv::Rect(10 * i, 0, 560, 400)));
    }
    const auto maps = interest_over(observer.finish(), {0, 0, 128, 91});
    EXPECT_NEAR(centre_of(maps[2]), centre_of(maps[0]), 4);
}

} // namespace
} // namespace longtake::test
