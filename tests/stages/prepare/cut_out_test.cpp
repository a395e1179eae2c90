// Pictures with alpha, and the ground they can be seen on.
#include "pipeline/model/rgb.h"
#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

constexpr double k_landscape = 16.0 / 9;

/// Words on nothing, as logos come.
cv::Mat logo(const cv::Scalar& bgr, const char* words = "ACME Corp")
{
    cv::Mat picture(450, 800, CV_8UC4, cv::Scalar(0, 0, 0, 0));
    cv::putText(picture, words, {60, 250}, cv::FONT_HERSHEY_DUPLEX, 4, {bgr[0], bgr[1], bgr[2], 255}, 16);
    return picture;
}

double luminance(const cv::Vec3b& bgr)
{
    return relative_luminance({bgr[2], bgr[1], bgr[0]});
}

/// The contrast of the logo's ink, in the middle of a stroke, to what is at the picture's corner.
double contrast(const cv::Mat& still, const cv::Vec3b& ink)
{
    return contrast_ratio(luminance(ink), luminance(still.at<cv::Vec3b>(5, 5)));
}

class CutOutTest : public PrepareTest, public ::testing::WithParamInterface<Fit> {};

TEST_P(CutOutTest, InkIsSeenOnItsGround)
{
    for (const cv::Vec3b& ink : {cv::Vec3b(0, 0, 0), cv::Vec3b(40, 30, 20), cv::Vec3b(255, 255, 255),
                                 cv::Vec3b(200, 240, 250), cv::Vec3b(120, 120, 120), cv::Vec3b(0, 0, 220)}) {
        for (const std::optional<double> aspect :
             {std::optional<double>(), std::optional(1.0), std::optional(k_landscape)}) {
            auto request = request_for(file("logo.png", logo(ink)), aspect, GetParam());
            const Still still = prepare(request);
            EXPECT_GE(contrast(pixels(still), ink), 3 - 0.05) << ink << " " << word(GetParam());
            EXPECT_TRUE(mentions(still.actions, "alpha flattened on "));
            EXPECT_TRUE(still.warnings.empty()) << still.warnings.front();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(EveryFit, CutOutTest, ::testing::Values(Fit::blur, Fit::pad, Fit::crop));

TEST_F(PrepareTest, ActionsSayWhichGroundACutOutGot)
{
    const auto actions = [&](const cv::Mat& picture, Fit fit) {
        return prepare(request_for(file("logo.png", picture), k_landscape, fit)).actions;
    };
    EXPECT_TRUE(
        mentions(actions(logo({0, 0, 0}), Fit::blur),
                 "alpha flattened on its blurred picture, lightened, for it could hardly be seen on that as it is"));
    EXPECT_TRUE(mentions(actions(logo({0, 0, 0}), Fit::pad), "alpha flattened on #ffffff"));
    EXPECT_TRUE(mentions(actions(logo({255, 255, 255}), Fit::pad),
                         "alpha flattened on #000000, for it could hardly be seen on white"));
    EXPECT_TRUE(mentions(actions(logo({255, 255, 255}), Fit::blur), "alpha flattened on its blurred picture"));
}

TEST_F(PrepareTest, InkBothDarkAndLightIsSeenOnGrey)
{
    cv::Mat picture = logo({0, 0, 0});
    cv::putText(picture, "2026", {200, 400}, cv::FONT_HERSHEY_DUPLEX, 4, {255, 255, 255, 255}, 16);
    for (const Fit fit : {Fit::blur, Fit::pad}) {
        const Still still = prepare(request_for(file("both.png", picture), k_landscape, fit));
        EXPECT_GE(contrast(pixels(still), {0, 0, 0}), 3);
        EXPECT_GE(contrast(pixels(still), {255, 255, 255}), 3);
    }
}

TEST_F(PrepareTest, TheUsersOwnGroundIsKeptAndWarnedOf)
{
    auto request = request_for(file("logo.png", logo({20, 20, 20})), k_landscape, Fit::pad);
    request.background = "#101010";
    const Still hidden = prepare(request);
    EXPECT_EQ(pixels(hidden).at<cv::Vec3b>(5, 5), cv::Vec3b(0x10, 0x10, 0x10));
    ASSERT_EQ(hidden.warnings.size(), 1U);
    EXPECT_EQ(hidden.warnings[0], "hard to see: 0 % of what is not transparent has a contrast of 3:1 to its ground "
                                  "#101010; choose another background");
    request.background = "#e8e0d0";
    EXPECT_TRUE(prepare(request).warnings.empty());
}

TEST_F(PrepareTest, APictureThatIsTransparentThroughoutIsRefused)
{
    for (const Fit fit : {Fit::blur, Fit::pad, Fit::crop}) {
        try {
            prepare(request_for(file("nothing.png", cv::Mat(400, 600, CV_8UC4, cv::Scalar(9, 9, 9, 0))), 1.0, fit));
            FAIL() << "should have thrown";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::input);
            EXPECT_NE(std::string(error.what()).find("every pixel of it is transparent"), std::string::npos);
        }
    }
}

TEST_F(PrepareTest, RoundedCornersAreNoCutOut)
{
    cv::Mat card(400, 600, CV_8UC4, cv::Scalar(12, 12, 12, 255)); // dark, as a screenshot is
    card(cv::Rect(0, 0, 20, 20)) = cv::Scalar(0, 0, 0, 0);
    const Still still = prepare(request_for(file("card.png", card), 1.0));
    EXPECT_TRUE(mentions(still.actions, "alpha flattened on its blurred picture"));
    EXPECT_FALSE(mentions(still.actions, "hardly be seen"));
}

} // namespace
} // namespace longtake::test
