#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

stages::PictureRequest edge_request(const std::filesystem::path& file, double aspect)
{
    stages::PictureRequest request = lossless_request(file, aspect, Fit::pad);
    request.background = "edge";
    return request;
}

TEST_F(PrepareTest, EdgeCarriesThePictureOnWithoutASeam)
{
    const cv::Mat coffee = cv::imread(photo("coffee.png").string());

    const Still still = prepare(edge_request(photo("coffee.png"), 9.0 / 16));
    const cv::Mat out = pixels(still);

    ASSERT_EQ(out.size(), cv::Size(600, 1067));
    EXPECT_TRUE(mentions(still.actions, "pad edge to 600x1067"));
    EXPECT_EQ(difference(out(cv::Rect(0, 333, 600, 400)), coffee), 0);
    EXPECT_LT(difference(out.row(332), out.row(333)), 2 * difference(out.row(333), out.row(334)) + 1);
    EXPECT_LT(difference(out.row(733), out.row(732)), 2 * difference(out.row(732), out.row(731)) + 1);
}

TEST_F(PrepareTest, EdgeShowsNoStreaks)
{
    cv::Mat comb(400, 600, CV_8UC3); // the worst there is: an edge of thin stripes
    for (int x = 0; x < comb.cols; ++x) {
        comb.col(x) = cv::Scalar::all(x % 8 < 4 ? 40 : 200);
    }
    const cv::Mat out = pixels(prepare(edge_request(file("comb.png", comb), 9.0 / 16)));

    const auto contrast = [&](int y) {
        double least = 0, most = 0;
        cv::minMaxLoc(out(cv::Rect(50, y, 500, 1)).clone().reshape(1), &least, &most);
        return most - least;
    };
    EXPECT_GT(contrast(332), 60); // the last row before the picture
    EXPECT_LT(contrast(320), 10);
    EXPECT_LT(contrast(10), 6);
}

TEST_F(PrepareTest, EdgeOfAStudioWhiteStaysWhite)
{
    cv::Mat studio(400, 400, CV_8UC3, cv::Scalar(255, 255, 255));
    cv::circle(studio, {200, 200}, 120, cv::Scalar(30, 60, 90), -1);

    const cv::Mat out = pixels(prepare(edge_request(file("studio.png", studio), 16.0 / 9)));

    EXPECT_EQ(out.cols, 711);
    EXPECT_EQ(difference(out(cv::Rect(0, 0, 155, 400)), cv::Mat(400, 155, CV_8UC3, cv::Scalar::all(255))), 0);
}

TEST_F(PrepareTest, EdgeOfACutOutIsTheWhiteItIsFlattenedOn)
{
    cv::Mat product(400, 400, CV_8UC4, cv::Scalar(0, 0, 0, 0));
    cv::circle(product, {200, 200}, 150, cv::Scalar(30, 60, 90, 255), -1);

    const cv::Mat out = pixels(prepare(edge_request(file("product.png", product), 16.0 / 9)));

    EXPECT_EQ(out.at<cv::Vec3b>(200, 5), cv::Vec3b(255, 255, 255));
    EXPECT_EQ(out.at<cv::Vec3b>(5, out.cols / 2), cv::Vec3b(255, 255, 255));
}

TEST_F(PrepareTest, EdgeOfOnePixelIsThatPixel)
{
    const cv::Mat out = pixels(prepare(edge_request(file("dot.png", cv::Mat(1, 1, CV_8UC3, cv::Scalar(9, 8, 7))), 2)));
    EXPECT_EQ(out.at<cv::Vec3b>(10, 10), cv::Vec3b(9, 8, 7));
}

} // namespace
} // namespace longtake::test
