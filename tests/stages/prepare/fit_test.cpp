// What happens when the aspect differs: blur, pad, crop, reject; and what follows a picture: end frames and masks.
#include "tests/stages/prepare/pictures.h"

#include <set>

namespace longtake::test {
namespace {

using stages::Box;

constexpr double k_wide = 16.0 / 9;
constexpr double k_tall = 9.0 / 16;

TEST_F(PrepareTest, BlurKeepsThePictureAtItsOwnScale)
{
    const cv::Mat coffee = cv::imread(photo("coffee.png").string());

    const Still wide = prepare(lossless_request(photo("coffee.png"), k_wide));
    const Still tall = prepare(lossless_request(photo("coffee.png"), k_tall));

    EXPECT_EQ(wide.size, (Size{711, 400}));
    EXPECT_EQ(tall.size, (Size{600, 1067}));
    EXPECT_EQ(difference(pixels(wide)(cv::Rect(55, 0, 600, 400)), coffee), 0);
    EXPECT_EQ(difference(pixels(tall)(cv::Rect(0, 333, 600, 400)), coffee), 0);
    EXPECT_TRUE(mentions(wide.actions, "blur to 711x400"));
}

TEST_F(PrepareTest, BlurredBarsAreDarkerAndSmoothAndOfThePicturesColour)
{
    const Still still = prepare(request_for(photo("coffee.png"), k_tall));
    const cv::Mat bar = pixels(still)(cv::Rect(0, 0, 600, 300));
    const cv::Scalar mean = cv::mean(bar);
    const cv::Scalar whole = cv::mean(cv::imread(photo("coffee.png").string()));
    cv::Mat smooth, detail;
    cv::GaussianBlur(bar, smooth, {}, 4);
    cv::absdiff(bar, smooth, detail);

    EXPECT_LT(mean[2], whole[2]);
    EXPECT_GT(mean[2], mean[0]); // still the warm one
    EXPECT_LT(cv::mean(detail)[1], 1.0);
}

TEST_F(PrepareTest, BlurredBarsShowNoBands)
{
    // A dark slow gradient: in 8 bits without dither each level is a band tens of pixels wide.
    cv::Mat gradient(300, 900, CV_8UC3);
    for (int x = 0; x < gradient.cols; ++x) {
        gradient.col(x) = cv::Scalar::all(20 + x / 30);
    }
    const Still still = prepare(request_for(file("dusk.png", gradient), 1.0));
    const cv::Mat bar = pixels(still)(cv::Rect(0, 20, 900, 200));

    int longest = 0;
    for (int y = 0; y < bar.rows; ++y) {
        int run = 1;
        for (int x = 1; x < bar.cols; ++x) {
            run = bar.at<cv::Vec3b>(y, x) == bar.at<cv::Vec3b>(y, x - 1) ? run + 1 : 1;
            longest = std::max(longest, run);
        }
    }
    EXPECT_LT(longest, 20);
    cv::Mat columns;
    cv::reduce(bar, columns, 0, cv::REDUCE_AVG, CV_32F); // the dither averages to the exact gradient
    int flat = 0;
    for (int x = 100; x < 700; ++x) {
        flat += std::abs(columns.at<cv::Vec3f>(0, x + 80)[0] - columns.at<cv::Vec3f>(0, x)[0]) < 0.2F ? 1 : 0;
    }
    EXPECT_LT(flat, 30);
}

TEST_F(PrepareTest, PadFillsWithTheColourAskedFor)
{
    auto request = lossless_request(photo("coffee.png"), k_wide, Fit::pad);
    const Still black = prepare(request);
    request.background = "#F0E0D0";
    const Still cream = prepare(request);

    EXPECT_EQ(pixels(black).at<cv::Vec3b>(200, 10), cv::Vec3b(0, 0, 0));
    EXPECT_EQ(pixels(cream).at<cv::Vec3b>(200, 10), cv::Vec3b(0xD0, 0xE0, 0xF0));
    EXPECT_TRUE(mentions(cream.actions, "pad #f0e0d0 to 711x400"));
    EXPECT_EQ(difference(pixels(cream)(cv::Rect(55, 0, 600, 400)), cv::imread(photo("coffee.png").string())), 0);
}

TEST_F(PrepareTest, BlurredBarsOfAPhotographShowNoBandsThoughItBecomesAJpeg)
{
    cv::Mat dusk(600, 900, CV_8UC3), grain(dusk.size(), CV_8UC3);
    for (int x = 0; x < dusk.cols; ++x) {
        dusk.col(x) = cv::Scalar(40 + x / 40, 30 + x / 60, 28);
    }
    cv::theRNG().state = 1;
    cv::randn(grain, 6, 4);
    dusk += grain;
    const Still still = prepare(request_for(file("dusk.png", dusk), 1.0));
    const cv::Mat bar = pixels(still)(cv::Rect(0, 20, 900, 100));

    ASSERT_EQ(still.format, "jpeg");
    int longest = 0;
    for (int y = 0; y < bar.rows; ++y) {
        int run = 1;
        for (int x = 1; x < bar.cols; ++x) {
            run = bar.at<cv::Vec3b>(y, x) == bar.at<cv::Vec3b>(y, x - 1) ? run + 1 : 1;
            longest = std::max(longest, run);
        }
    }
    EXPECT_LT(longest, 40); // without the grain it is over 200
}

TEST_F(PrepareTest, ABackgroundUnderTheBlurFitIsForWhatIsTransparent)
{
    cv::Mat product(400, 400, CV_8UC4, cv::Scalar(0, 0, 0, 0));
    cv::circle(product, {200, 200}, 150, cv::Scalar(30, 60, 90, 255), -1);
    auto request = request_for(file("product.png", product), k_wide);
    request.background = "#ffffff";

    const Still still = prepare(request);
    const cv::Mat out = pixels(still);

    EXPECT_EQ(out.at<cv::Vec3b>(5, out.cols / 2), cv::Vec3b(255, 255, 255));
    EXPECT_LT(out.at<cv::Vec3b>(200, 5)[0], 160); // the bars are the blurred picture still
    EXPECT_TRUE(mentions(still.actions, "alpha flattened on #ffffff"));
    EXPECT_TRUE(mentions(still.actions, "blur to 711x400"));
}

TEST_F(PrepareTest, ACutOutIsPaddedWithTheGroundItIsFlattenedOn)
{
    cv::Mat product(400, 400, CV_8UC4, cv::Scalar(0, 0, 0, 0));
    cv::circle(product, {200, 200}, 150, cv::Scalar(30, 60, 90, 255), -1);

    const cv::Mat out = pixels(prepare(request_for(file("product.png", product), k_wide, Fit::pad)));

    EXPECT_EQ(out.at<cv::Vec3b>(200, 5), cv::Vec3b(255, 255, 255));
    EXPECT_EQ(out.at<cv::Vec3b>(5, out.cols / 2), cv::Vec3b(255, 255, 255));
}

TEST_F(PrepareTest, CropIsAWindowOfThePictureAndSaysWhich)
{
    const Still still = prepare(lossless_request(photo("coffee.png"), k_wide, Fit::crop));
    const auto at = stages::placement(lossless_request(photo("coffee.png"), k_wide, Fit::crop));

    EXPECT_EQ(still.size, (Size{600, 338}));
    EXPECT_EQ(at.place, (Box{0, 0, 600, 338}));
    EXPECT_TRUE(mentions(still.actions, "crop 600x338+0+" + std::to_string(at.source.y) + ", keeping what stands out"));
    const Still face = prepare(lossless_request(photo("astronaut.png"), k_wide, Fit::crop));
    EXPECT_TRUE(mentions(face.actions, ", keeping a face"));
    const cv::Mat window = cv::imread(photo("coffee.png").string())(cv::Rect(0, at.source.y, 600, 338));
    EXPECT_EQ(difference(pixels(still), window), 0);
}

TEST_F(PrepareTest, CropFindsWhatStandsOut)
{
    cv::Mat wall(400, 1200, CV_8UC3, cv::Scalar(120, 120, 120));
    cv::circle(wall, {1000, 200}, 80, cv::Scalar(20, 40, 220), -1);
    cv::circle(wall, {1000, 200}, 40, cv::Scalar(240, 240, 240), -1);

    const auto at = stages::placement(request_for(file("wall.png", wall), 1.0, Fit::crop));

    EXPECT_LE(at.source.x, 920);
    EXPECT_GE(at.source.x + at.source.width, 1080);
}

TEST_F(PrepareTest, CropTakesTheMiddleWhereNothingStandsOut)
{
    const cv::Mat plain(400, 1200, CV_8UC3, cv::Scalar(80, 90, 100));
    EXPECT_EQ(stages::placement(request_for(file("plain.png", plain), 1.0, Fit::crop)).source, (Box{400, 0, 400, 400}));
}

TEST_F(PrepareTest, RejectNamesBothAspectsAndTheRemedy)
{
    try {
        prepare(request_for(photo("coffee.png"), k_wide, Fit::reject));
        FAIL() << "should have thrown";
    } catch (const Error& error) {
        const std::string said = error.what();
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(said.find("coffee.png"), std::string::npos);
        EXPECT_NE(said.find("1.50:1"), std::string::npos);
        EXPECT_NE(said.find("1.78:1"), std::string::npos);
        EXPECT_NE(said.find("fit blur, pad or crop"), std::string::npos);
    }
    EXPECT_TRUE(prepare(request_for(photo("coffee.png"), 1.5, Fit::reject)).actions.empty());
}

TEST_F(PrepareTest, ABadBackgroundIsAUsageError)
{
    for (const std::string colour : {"white", "#12", "#12345g", "20140c", "#20140c "}) {
        auto request = request_for(photo("coffee.png"));
        request.background = colour;
        try {
            prepare(request);
            FAIL() << colour;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage) << colour;
        }
    }
}

TEST_F(PrepareTest, AnEndFrameGetsExactlyTheSizeOfItsPicture)
{
    for (const Fit fit : {Fit::blur, Fit::pad, Fit::crop}) {
        const Still first = prepare(request_for(photo("coffee.png"), k_wide, fit));
        for (const std::string name : {"chelsea.png", "astronaut.png", "rocket.jpg", "coffee.png"}) {
            auto request = request_for(photo(name), k_wide, fit);
            request.like = first.size;
            EXPECT_EQ(prepare(request).size, first.size) << name;
        }
    }
}

TEST_F(PrepareTest, APlacementTellsWhereAPointOfThePictureIs)
{
    const auto at = stages::placement(request_for(file("small.png", quarters(150, 100)), 1.0, Fit::pad));

    EXPECT_EQ(at.picture, (Size{150, 100}));
    EXPECT_EQ(at.still, (Size{300, 300}));
    EXPECT_EQ(at.source, (Box{0, 0, 150, 100}));
    EXPECT_EQ(at.place, (Box{0, 50, 300, 200}));
}

} // namespace
} // namespace longtake::test
