#include "pipeline/providers/local/morph.h"
#include "tests/providers/local/rendering.h"

#include <gtest/gtest.h>

namespace longtake::local {
namespace {

using test::render;
using test::Rendered;

constexpr Size k_morph_size{640, 360};

/// The picture standing still, as a take whose first frame shows it whole does.
Rendered still(const std::filesystem::path& file)
{
    return render(TakeRenderer({.image = file, .size = k_morph_size, .frames = 2}), k_morph_size, 0);
}

double psnr_of(const cv::Mat& a, const cv::Mat& b)
{
    return cv::PSNR(a, b);
}

class MorphTest : public ::testing::Test {
protected:
    std::filesystem::path cut(const std::string& name, cv::Rect part)
    {
        const cv::Mat whole = cv::imread(test::photo("coffee.png").string());
        cv::imwrite((dir_ / name).string(), whole(part));
        return dir_ / name;
    }

    test::TempDir dir_;
};

TEST_F(MorphTest, BeginsAndEndsWithThePictures)
{
    const TakeRenderer morph({.image = test::photo("coffee.png"),
                              .end_image = test::photo("rocket.jpg"),
                              .size = k_morph_size,
                              .frames = 30});
    EXPECT_GT(psnr_of(render(morph, k_morph_size, 0).luma, still(test::photo("coffee.png")).luma), 38);
    EXPECT_GT(psnr_of(render(morph, k_morph_size, 29).luma, still(test::photo("rocket.jpg")).luma), 38);
    EXPECT_EQ(morph.end().progress, 0);
    EXPECT_EQ(morph.end().speed, 0);
}

TEST_F(MorphTest, CarriesWhatCorresponds)
{
    const std::filesystem::path left = cut("left.png", {20, 40, 560, 315});
    const std::filesystem::path right = cut("right.png", {40, 60, 560, 315});
    const Morph morph(cv::imread(left.string()), cv::imread(right.string()), k_morph_size);
    EXPECT_GT(morph.correspondence().confidence, 0.7);

    // Half way (the easing is symmetric) the picture has gone half of its 20 x 20 px.
    Rendered middle(k_morph_size);
    morph.render(0.5, middle.view());
    const cv::Mat between = cv::imread(cut("half.png", {30, 50, 560, 315}).string());
    const Morph still_half(between, between, k_morph_size);
    Rendered half(k_morph_size);
    still_half.render(0.5, half.view());
    const cv::Rect inner(60, 60, 520, 240);
    EXPECT_GT(psnr_of(middle.luma(inner), half.luma(inner)), 28);
}

TEST_F(MorphTest, TravelsFromAPictureIntoAPartOfIt)
{
    const cv::Mat whole = cv::imread(cut("whole.png", {0, 20, 640 - 40, 338}).string());
    const cv::Mat part = cv::imread(cut("part.png", {120, 80, 420, 236}).string());
    const Morph morph(whole, part, k_morph_size);
    EXPECT_TRUE(morph.correspondence().aligned);
    Rendered middle(k_morph_size);
    morph.render(0.5, middle.view());
    // Half way every point stands between its two places: what is then seen is the crop in between (in the
    // harmonic mean, as scales go), no double picture and no smeared edge.
    const double width = 2 / (1 / 600.0 + 1 / 420.0);
    const cv::Point2d corner((0 / 600.0 + 120 / 420.0) * width / 2,
                             20 + (0 / 338.0 + 60 / 236.0) * width * 338 / 600 / 2);
    const cv::Mat photo = cv::imread(test::photo("coffee.png").string());
    const double scale = 640 / width;
    const cv::Matx23d view(scale, 0, -corner.x * scale, 0, scale, -corner.y * scale);
    cv::Mat between;
    cv::warpAffine(photo, between, view, {640, 360}, cv::INTER_CUBIC);
    Rendered expected(k_morph_size);
    Morph(between, between, k_morph_size).render(0.5, expected.view());
    EXPECT_GT(psnr_of(middle.luma, expected.luma), 26);
}

TEST_F(MorphTest, DissolvesWhatDoesNot)
{
    const cv::Mat coffee = cv::imread(test::photo("coffee.png").string());
    const cv::Mat rocket = cv::imread(test::photo("rocket.jpg").string());
    const Morph morph(coffee, rocket, k_morph_size);
    EXPECT_LT(morph.correspondence().confidence, 0.25);
    Rendered middle(k_morph_size);
    morph.render(0.5, middle.view());
    Rendered a(k_morph_size);
    Rendered b(k_morph_size);
    Morph(coffee, coffee, k_morph_size).render(0.5, a.view());
    Morph(rocket, rocket, k_morph_size).render(0.5, b.view());
    cv::Mat dissolve;
    cv::addWeighted(a.luma, 0.5, b.luma, 0.5, 0, dissolve);
    EXPECT_GT(psnr_of(middle.luma, dissolve), 30);
}

TEST_F(MorphTest, IsDeterministic)
{
    const TakeSpec spec{
        .image = test::photo("coffee.png"), .end_image = test::photo("chelsea.png"), .size = k_morph_size, .frames = 9};
    const int threads = cv::getNumThreads();
    const Rendered one = render(TakeRenderer(spec), k_morph_size, 4);
    cv::setNumThreads(1);
    const Rendered other = render(TakeRenderer(spec), k_morph_size, 4);
    cv::setNumThreads(threads);
    EXPECT_EQ(test::greatest_difference(one, other), 0);
}

TEST_F(MorphTest, NeverStandsStill)
{
    const TakeRenderer morph({.image = test::photo("coffee.png"),
                              .end_image = cut("part.png", {30, 50, 560, 315}),
                              .size = k_morph_size,
                              .frames = 60});
    Rendered before = render(morph, k_morph_size, 0);
    for (int i = 1; i < 60; ++i) {
        const Rendered now = render(morph, k_morph_size, i);
        EXPECT_GT(cv::norm(before.luma, now.luma, cv::NORM_L1), 0) << i;
        before = now;
    }
}

} // namespace
} // namespace longtake::local
