#include "stages/prepare/fit.h"

#include "tests/stages/prepare/pictures.h"
#include "tests/support/photos.h"

#include <opencv2/imgcodecs.hpp>

namespace longtake::test {
namespace {

using stages::picture::fit_of;

cv::Mat coffee()
{
    return cv::imread(photo("coffee.png").string());
}

/// A photograph on an even ground, as of a studio, that is no graphic: its ground has noise.
cv::Mat product_shot()
{
    cv::Mat shot(900, 1200, CV_8UC3, cv::Scalar(236, 238, 240));
    cv::Mat noise(shot.size(), CV_8SC3);
    cv::theRNG().state = 7;
    cv::randn(noise, cv::Scalar::all(0), cv::Scalar::all(1.5));
    cv::add(shot, noise, shot, cv::noArray(), CV_8UC3);
    cv::Mat product;
    cv::resize(coffee(), product, {600, 400}, 0, 0, cv::INTER_AREA);
    product.copyTo(shot(cv::Rect(300, 250, 600, 400)));
    return shot;
}

cv::Mat poster()
{
    cv::Mat art(800, 600, CV_8UC3, cv::Scalar(30, 20, 160));
    cv::rectangle(art, {80, 100, 440, 300}, cv::Scalar(240, 240, 240), cv::FILLED);
    cv::putText(art, "SALE", {120, 300}, cv::FONT_HERSHEY_SIMPLEX, 4, cv::Scalar(30, 20, 160), 12);
    return art;
}

TEST(FitOfTest, PhotographsAreCropped)
{
    for (const char* name : {"coffee.png", "astronaut.png", "chelsea.png", "rocket.jpg", "hubble_deep_field.jpg"}) {
        EXPECT_EQ(fit_of(cv::imread(photo(name).string())), Fit::crop) << name;
    }
}

TEST(FitOfTest, GraphicsAndWhatStandsOnAPlainGroundAreKeptWhole)
{
    EXPECT_EQ(fit_of(poster()), Fit::pad);
    EXPECT_EQ(fit_of(product_shot()), Fit::pad);
}

TEST(FitOfTest, CutOutsAreKeptWholeAndRoundedCornersAreNone)
{
    cv::Mat cut_out;
    cv::cvtColor(coffee(), cut_out, cv::COLOR_BGR2BGRA);
    EXPECT_EQ(fit_of(cut_out), Fit::crop) << "nothing of it is transparent";
    cv::Mat alpha(cut_out.size(), CV_8U, cv::Scalar(0));
    cv::circle(alpha, {alpha.cols / 2, alpha.rows / 2}, alpha.rows / 3, cv::Scalar(255), cv::FILLED);
    cv::insertChannel(alpha, cut_out, 3);
    EXPECT_EQ(fit_of(cut_out), Fit::pad);
}

TEST(WhiteBorderTest, OnlyWhiteOnesAre)
{
    cv::Mat white(600, 800, CV_8UC3, cv::Scalar(252, 253, 252));
    coffee()(cv::Rect(0, 0, 400, 300)).copyTo(white(cv::Rect(200, 150, 400, 300)));
    EXPECT_TRUE(stages::picture::has_white_border(white));
    EXPECT_FALSE(stages::picture::has_white_border(poster()));
    EXPECT_FALSE(stages::picture::has_white_border(coffee()));
}

} // namespace
} // namespace longtake::test
