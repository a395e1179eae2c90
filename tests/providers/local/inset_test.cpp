#include "tests/providers/local/rendering.h"

#include <gtest/gtest.h>

namespace longtake::local {
namespace {

using test::render;
using test::Rendered;

constexpr Size k_size{640, 360};

/// A still with a picture of dots in its middle third, on a ground of stripes.
class InsetTest : public ::testing::Test {
protected:
    TakeSpec take(Drift drift)
    {
        cv::Mat still(360, 640, CV_8UC3);
        for (int x = 0; x < still.cols; ++x) {
            still.col(x).setTo(cv::Scalar::all(x % 40 < 20 ? 40 : 80));
        }
        test::dots(212, 360, 40, 6).copyTo(still(cv::Rect(214, 0, 212, 360)));
        const std::filesystem::path file = dir_ / "still.png";
        cv::imwrite(file.string(), still);
        TakeSpec spec{.image = file, .size = k_size, .frames = 120};
        spec.drift = drift;
        spec.inset = PicturePart{214.0 / 640, 0, 212.0 / 640, 1};
        return spec;
    }

    test::TempDir dir_;
};

double changed(const Rendered& a, const Rendered& b, const cv::Rect& where)
{
    return cv::norm(a.luma(where), b.luma(where), cv::NORM_INF);
}

TEST_F(InsetTest, TheGroundStandsStillAndThePictureMoves)
{
    for (const Drift drift : {Drift::in, Drift::out}) {
        const TakeRenderer renderer(take(drift));
        const Rendered first = render(renderer, k_size, 0);
        const Rendered last = render(renderer, k_size, 119);
        EXPECT_EQ(changed(first, last, {0, 0, 200, 360}), 0);
        EXPECT_EQ(changed(first, last, {440, 0, 200, 360}), 0);
        EXPECT_GT(changed(first, last, {230, 20, 180, 320}), 30);
    }
}

TEST_F(InsetTest, ItBeginsWhereThePictureStands)
{
    const TakeRenderer renderer(take(Drift::in));
    cv::Mat still = cv::imread((dir_ / "still.png").string(), cv::IMREAD_GRAYSCALE);
    still.convertTo(still, CV_8U, 219.0 / 255, 16);
    EXPECT_LT(cv::norm(still, render(renderer, k_size, 0).luma, cv::NORM_L1) / static_cast<double>(still.total()), 1.0);
}

} // namespace
} // namespace longtake::local
