#include "pipeline/image/align.h"
#include "tests/support/photos.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace longtake::image {
namespace {

constexpr int k_width = 640;
constexpr int k_height = 360;

/// Part of the coffee photograph, as the matching sees it.
cv::Mat view(cv::Rect2d part)
{
    const cv::Mat whole = cv::imread(test::photo("coffee.png").string(), cv::IMREAD_GRAYSCALE);
    cv::Mat seen;
    cv::resize(whole(cv::Rect(part)), seen, {k_width, k_height}, 0, 0, cv::INTER_AREA);
    return seen;
}

void expect_found(cv::Rect2d first, cv::Rect2d second)
{
    const auto map = align(view(first), view(second));
    ASSERT_TRUE(map);
    for (const cv::Point2d point : {cv::Point2d(100, 80), cv::Point2d(500, 60), cv::Point2d(320, 300)}) {
        const double x = first.x + point.x / k_width * first.width; // in the photograph
        const double y = first.y + point.y / k_height * first.height;
        const cv::Vec2f found = *map * cv::Vec3f(static_cast<float>(point.x), static_cast<float>(point.y), 1);
        EXPECT_NEAR(found[0], (x - second.x) / second.width * k_width, 3);
        EXPECT_NEAR(found[1], (y - second.y) / second.height * k_height, 3);
    }
}

TEST(Align, FindsThePartOfAPicture)
{
    expect_found({0, 31, 600, 338}, {120, 82, 420, 236});
}

TEST(Align, FindsThePictureAroundAPart)
{
    expect_found({120, 82, 420, 236}, {0, 31, 600, 338});
}

TEST(Align, FindsAShiftedView)
{
    expect_found({0, 20, 520, 292}, {60, 60, 520, 292});
}

TEST(Align, FindsNothingBetweenDifferentPictures)
{
    const cv::Mat coffee = view({0, 31, 600, 338});
    for (const char* name : {"rocket.jpg", "chelsea.png", "astronaut.png", "hubble_deep_field.jpg"}) {
        cv::Mat other;
        cv::resize(cv::imread(test::photo(name).string(), cv::IMREAD_GRAYSCALE), other, coffee.size(), 0, 0,
                   cv::INTER_AREA);
        EXPECT_FALSE(align(coffee, other)) << name;
        EXPECT_FALSE(align(other, coffee)) << name;
    }
}

TEST(Align, FindsNothingInAFlatPicture)
{
    const cv::Mat flat(k_height, k_width, CV_8U, cv::Scalar(90));
    EXPECT_FALSE(align(flat, view({0, 31, 600, 338})));
    EXPECT_NO_THROW(align(flat, flat));
}

} // namespace
} // namespace longtake::image
