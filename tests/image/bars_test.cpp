#include "pipeline/image/bars.h"

#include "tests/support/photos.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace longtake::test {
namespace {

using image::BarFinder;
using image::Box;

constexpr Box k_whole{0, 0, 640, 360};

/// A photograph that pans behind a window of the frame, the rest of which is black with an encoder's noise.
class BarFinderTest : public ::testing::Test {
protected:
    static cv::Mat frame(int i, const cv::Rect& window, double light = 1)
    {
        static const cv::Mat photograph = cv::imread(photo("coffee.png").string());
        cv::Mat wide, picture(360, 640, CV_8UC3, cv::Scalar(1, 1, 1));
        cv::resize(photograph, wide, {800, 560}, 0, 0, cv::INTER_AREA);
        cv::Mat(wide(cv::Rect(i * 10, i * 5, window.width, window.height)) * light).copyTo(picture(window));
        cv::RNG noise(static_cast<std::uint64_t>(i + 1));
        cv::Mat grain(picture.size(), CV_8UC3);
        noise.fill(grain, cv::RNG::UNIFORM, 0, 6);
        return picture + grain;
    }

    static Box found(const cv::Rect& window, double light = 1, int looks = 8)
    {
        BarFinder bars;
        for (int i = 0; i < looks; ++i) {
            bars.look(frame(i, window, light));
        }
        return bars.active();
    }
};

TEST_F(BarFinderTest, BarsAreFoundOnEitherSide)
{
    EXPECT_EQ(found({0, 46, 640, 268}), (Box{0, 47, 640, 266}));
    EXPECT_EQ(found({80, 0, 480, 360}), (Box{81, 0, 478, 360}));
    EXPECT_EQ(found({80, 46, 480, 268}), (Box{81, 47, 478, 266}));
}

TEST_F(BarFinderTest, AWholePictureHasNone)
{
    EXPECT_EQ(found({0, 0, 640, 360}), k_whole);
}

TEST_F(BarFinderTest, OneSideAloneIsNoBar)
{
    EXPECT_EQ(found({0, 60, 640, 300}), k_whole);
    EXPECT_EQ(found({0, 60, 640, 270}), k_whole);
}

TEST_F(BarFinderTest, FewLooksAreNotBelieved)
{
    EXPECT_EQ(found({0, 46, 640, 268}, 1, 2), k_whole);
}

TEST_F(BarFinderTest, ADarkSceneHasNone)
{
    EXPECT_EQ(found({0, 0, 640, 360}, 0.06), k_whole);
    BarFinder lamp; // and one with a round lamp in its middle, that sways
    for (int i = 0; i < 8; ++i) {
        cv::Mat picture = frame(i, {0, 0, 640, 360}, 0.03);
        cv::circle(picture, {300 + 5 * i, 180}, 90, cv::Scalar(180, 220, 240), -1);
        lamp.look(picture);
    }
    EXPECT_EQ(lamp.active(), k_whole);
}

TEST_F(BarFinderTest, WritingInABarKeepsIt)
{
    BarFinder bars;
    for (int i = 0; i < 8; ++i) {
        cv::Mat picture = frame(i, {0, 46, 640, 268});
        cv::putText(picture, "as spoken", {240, 345}, cv::FONT_HERSHEY_SIMPLEX, 0.9, cv::Scalar(250, 250, 250), 2);
        bars.look(picture);
    }
    EXPECT_EQ(bars.active(), k_whole);
}

} // namespace
} // namespace longtake::test
