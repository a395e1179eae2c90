#include "stages/prepare/content.h"

#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

using stages::picture::Content;
using stages::picture::content_of;

cv::Mat line_art()
{
    cv::Mat art(600, 900, CV_8UC3, cv::Scalar::all(255));
    cv::circle(art, {450, 300}, 180, cv::Scalar::all(0), 2, cv::LINE_AA);
    cv::line(art, {0, 0}, {900, 600}, cv::Scalar::all(0), 2, cv::LINE_AA);
    cv::putText(art, "Line art", {40, 560}, cv::FONT_HERSHEY_SIMPLEX, 2, cv::Scalar::all(0), 2, cv::LINE_AA);
    return art;
}

cv::Mat gradient()
{
    cv::Mat picture(400, 800, CV_8UC3);
    for (int x = 0; x < picture.cols; ++x) {
        picture.col(x) = cv::Scalar(x / 4, 60, 200 - x / 5);
    }
    return picture;
}

cv::Mat page_of_text()
{
    cv::Mat page(500, 700, CV_8UC3, cv::Scalar(244, 244, 242));
    for (int y = 30; y < page.rows; y += 22) {
        cv::putText(page, "The quick brown fox jumps over the lazy dog, again.", {20, y}, cv::FONT_HERSHEY_SIMPLEX, 0.6,
                    cv::Scalar(40, 40, 40), 1, cv::LINE_AA);
    }
    return page;
}

cv::Mat icon()
{
    cv::Mat picture(20, 20, CV_8UC4, cv::Scalar(0, 0, 0, 0));
    cv::circle(picture, {10, 10}, 8, cv::Scalar(40, 60, 200, 255), -1, cv::LINE_AA);
    return picture;
}

TEST(ContentTest, PhotographsArePhotographsInEverySizeAndQuality)
{
    for (const char* name : {"astronaut.png", "chelsea.png", "coffee.png", "hubble_deep_field.jpg", "rocket.jpg"}) {
        const cv::Mat picture = cv::imread(photo(name).string());
        for (const double scale : {0.3, 1.0, 2.0}) {
            cv::Mat other;
            cv::resize(picture, other, {}, scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
            EXPECT_EQ(content_of(other), Content::photograph) << name << " x " << scale;
            const std::string jpeg = encoded(other, ".jpg", {cv::IMWRITE_JPEG_QUALITY, 75});
            const cv::Mat bytes(1, static_cast<int>(jpeg.size()), CV_8U, const_cast<char*>(jpeg.data()));
            EXPECT_EQ(content_of(cv::imdecode(bytes, cv::IMREAD_COLOR)), Content::photograph) << name << " JPEG";
        }
    }
}

TEST(ContentTest, AProductPhotographOnWhiteIsAPhotograph)
{
    cv::Mat studio(900, 900, CV_8UC3, cv::Scalar::all(255));
    const cv::Mat coffee = cv::imread(photo("coffee.png").string());
    coffee.copyTo(studio(cv::Rect(150, 250, coffee.cols, coffee.rows)));
    EXPECT_EQ(content_of(studio), Content::photograph);
}

TEST(ContentTest, DrawingsTextGradientsAndIconsAreGraphics)
{
    EXPECT_EQ(content_of(line_art()), Content::graphic);
    EXPECT_EQ(content_of(page_of_text()), Content::graphic);
    EXPECT_EQ(content_of(gradient()), Content::graphic);
    EXPECT_EQ(content_of(icon()), Content::graphic);
    EXPECT_EQ(content_of(quarters()), Content::graphic);
    EXPECT_EQ(content_of(cv::Mat(1, 1, CV_8UC3, cv::Scalar(1, 2, 3))), Content::graphic);
    EXPECT_EQ(content_of(cv::Mat(1, 500, CV_8UC3, cv::Scalar(1, 2, 3))), Content::graphic);
}

TEST_F(PrepareTest, TheContentChoosesTheFormatNotTheSource)
{
    const cv::Mat coffee = cv::imread(photo("coffee.png").string());
    for (const Fit fit : {Fit::blur, Fit::pad, Fit::crop}) {
        EXPECT_EQ(prepare(request_for(photo("coffee.png"), 16.0 / 9, fit)).format, "jpeg");
        EXPECT_EQ(prepare(request_for(file("coffee.bmp", coffee), 16.0 / 9, fit)).format, "jpeg");
        EXPECT_EQ(prepare(request_for(file("art.png", line_art()), 16.0 / 9, fit)).format, "png");
        EXPECT_EQ(prepare(request_for(file("art.bmp", line_art()), 16.0 / 9, fit)).format, "png");
        EXPECT_EQ(prepare(request_for(file("icon.png", icon()), 16.0 / 9, fit)).format, "png"); // 15 times larger
    }
}

} // namespace
} // namespace longtake::test
