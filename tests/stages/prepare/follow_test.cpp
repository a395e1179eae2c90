// What follows a picture goes where the picture goes: masks and end frames.
#include "tests/stages/prepare/pictures.h"

#include <set>

namespace longtake::test {
namespace {

using stages::Box;
using stages::PictureRequest;

constexpr double k_film_wide = 16.0 / 9;
constexpr double k_film_tall = 9.0 / 16;

TEST_F(PrepareTest, AMaskStaysBlackAndWhite)
{
    cv::Mat mask(200, 300, CV_8UC1, cv::Scalar(0));
    cv::circle(mask, {150, 100}, 60, cv::Scalar(255), -1);
    for (const char* name : {"mask.png", "mask.jpg"}) {
        auto request = request_for(file(name, mask), k_film_wide);
        request.mask = true;
        request.like = Size{711, 400};

        const Still still = prepare(request);

        EXPECT_EQ(still.format, "png");
        EXPECT_EQ(still.size, (Size{711, 400}));
        std::set<int> values;
        const cv::Mat out = pixels(still);
        for (auto it = out.begin<cv::Vec3b>(); it != out.end<cv::Vec3b>(); ++it) {
            values.insert((*it)[0]);
        }
        EXPECT_EQ(values, (std::set<int>{0, 255})) << name;
        EXPECT_EQ(out.at<cv::Vec3b>(200, 10)[0], 0); // bars are black: nothing is marked there
        EXPECT_EQ(out.at<cv::Vec3b>(200, 355)[0], 255);
    }
}

/// A white disc on black, and the same disc as a mask: whatever happens to one must happen to the other.
TEST_F(PrepareTest, AMaskSharesTheTransformOfItsPicture)
{
    cv::Mat picture(300, 1000, CV_8UC3, cv::Scalar(60, 60, 60));
    cv::circle(picture, {800, 150}, 90, cv::Scalar(255, 255, 255), -1);
    cv::Mat mask(150, 500, CV_8UC1, cv::Scalar(0)); // drawn at half the size
    cv::circle(mask, {400, 75}, 45, cv::Scalar(255), -1);
    const auto disc = file("disc.png", picture);
    for (const Fit fit : {Fit::blur, Fit::pad, Fit::crop}) {
        const Still still = prepare(request_for(disc, k_film_wide, fit));
        auto request = request_for(file("mask.png", mask), k_film_wide, fit);
        request.mask = true;
        request.like = still.size;
        request.of = disc;

        const cv::Mat out = pixels(prepare(request));
        cv::Mat white, wanted;
        cv::inRange(pixels(still), cv::Scalar::all(200), cv::Scalar::all(255), wanted);
        cv::inRange(out, cv::Scalar::all(128), cv::Scalar::all(255), white);

        ASSERT_EQ(white.size(), wanted.size());
        EXPECT_GT(cv::countNonZero(wanted), 10'000);
        EXPECT_LT(cv::countNonZero(white != wanted), 0.05 * cv::countNonZero(wanted)) << static_cast<int>(fit);
    }
}

TEST_F(PrepareTest, AMaskOfAnotherShapeThanItsPictureIsRefused)
{
    auto request = request_for(file("mask.png", cv::Mat(300, 300, CV_8UC1, cv::Scalar(255))));
    request.mask = true;
    request.of = photo("coffee.png");
    try {
        prepare(request);
        FAIL() << "should have thrown";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("300x300"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("600x400"), std::string::npos);
    }
}

/// A picture with a white disc, what it is laid out for, and a mask of the disc.
struct Marked {
    const char* name;
    cv::Size picture, mask;
    double aspect;
    int max_side = 8192;
    int orientation = 1;
};

class MaskTest : public PrepareTest, public ::testing::WithParamInterface<Marked> {
protected:
    static cv::Mat disc(cv::Size size, const cv::Scalar& ground)
    {
        cv::Mat picture(size, CV_8UC3, ground);
        cv::circle(picture, {size.width * 3 / 4, size.height / 2}, std::min(size.width, size.height) / 4,
                   cv::Scalar::all(255), -1);
        return picture;
    }

    /// As a phone stores it: on its side, with a tag that says so.
    std::filesystem::path stored(const char* name, const cv::Mat& picture, int orientation)
    {
        if (orientation == 1) {
            return file(name, picture);
        }
        cv::Mat turned;
        cv::rotate(picture, turned, cv::ROTATE_90_COUNTERCLOCKWISE); // orientation 6: to be turned clockwise
        return file(name, with_exif(encoded(turned, ".jpg", {cv::IMWRITE_JPEG_QUALITY, 98}), orientation));
    }
};

TEST_P(MaskTest, CoversUnderEveryFitWhatItCoversInItsPicture)
{
    const Marked& marked = GetParam();
    const auto picture = stored("picture.png", disc(marked.picture, {70, 60, 50}), marked.orientation);
    for (const char* mask_name : {"mask.png", "mask.jpg"}) {
        const auto mask = file(mask_name, disc(marked.mask, cv::Scalar::all(0)));
        for (const Fit fit : {Fit::blur, Fit::pad, Fit::crop}) {
            PictureRequest request = request_for(picture, marked.aspect, fit);
            request.rules.max_side = marked.max_side;
            const Still still = prepare(request);
            request.file = mask;
            request.of = picture;
            request.like = still.size;
            request.mask = true;
            const cv::Mat out = pixels(prepare(request));

            cv::Mat covered, wanted;
            cv::inRange(pixels(still), cv::Scalar::all(180), cv::Scalar::all(255), wanted);
            cv::inRange(out, cv::Scalar::all(255), cv::Scalar::all(255), covered);
            ASSERT_EQ(covered.size(), wanted.size());
            EXPECT_GT(cv::countNonZero(wanted), 0);
            EXPECT_LT(cv::countNonZero(covered != wanted), 0.05 * cv::countNonZero(wanted))
                << mask_name << " fit " << static_cast<int>(fit);
            cv::inRange(out, cv::Scalar::all(1), cv::Scalar::all(254), covered);
            EXPECT_EQ(cv::countNonZero(covered), 0) << "greys in " << mask_name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, MaskTest,
                         ::testing::Values(Marked{"itsSize", {1000, 600}, {1000, 600}, k_film_wide},
                                           Marked{"itsSizeUpright", {1000, 600}, {1000, 600}, k_film_tall},
                                           Marked{"halfItsSize", {1000, 600}, {500, 300}, k_film_tall},
                                           Marked{"twiceItsSize", {600, 500}, {1200, 1000}, k_film_wide},
                                           Marked{"nearlyItsAspect", {1000, 600}, {1000, 604}, k_film_wide},
                                           Marked{"anUpScaledPicture", {200, 150}, {400, 300}, k_film_wide},
                                           Marked{"aDownScaledPicture", {1500, 1100}, {750, 550}, k_film_wide, 500},
                                           Marked{"aPictureOnItsSide", {900, 500}, {900, 500}, k_film_tall, 8192, 6}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(PrepareTest, AMaskThatWasCompressedWithLossHasNoGreys)
{
    cv::Mat mask(320, 480, CV_8UC3, cv::Scalar::all(0));
    cv::circle(mask, {240, 160}, 100, cv::Scalar::all(255), -1);
    for (const char* name : {"mask.webp", "mask.jpg", "mask.jp2"}) {
        auto request = request_for(
            file(name, encoded(mask, std::filesystem::path(name).extension().c_str(), {cv::IMWRITE_WEBP_QUALITY, 60})));
        request.mask = true;
        const cv::Mat out = pixels(prepare(request));
        cv::Mat grey;
        cv::inRange(out, cv::Scalar::all(1), cv::Scalar::all(254), grey);
        EXPECT_EQ(cv::countNonZero(grey), 0) << name;
    }
}

TEST_F(PrepareTest, AnEndFrameOfItsPicturesShapeIsCutWhereThePictureIs)
{
    cv::Mat begin(400, 1200, CV_8UC3, cv::Scalar(120, 120, 120)), end = begin.clone();
    cv::circle(begin, {1000, 200}, 80, cv::Scalar(20, 40, 220), -1);
    cv::circle(end, {200, 200}, 80, cv::Scalar(20, 40, 220), -1); // on its own it would be cut there
    auto request = request_for(file("begin.png", begin), 1.0, Fit::crop);
    const auto first = stages::placement(request);
    const Still still = prepare(request);

    request.of = request.file;
    request.file = file("end.png", end);
    request.like = still.size;
    const auto last = stages::placement(request);

    EXPECT_GT(first.source.x, 400);
    EXPECT_EQ(last, first);
    EXPECT_EQ(prepare(request).size, still.size);
}

TEST_F(PrepareTest, AnEndFrameOfAnotherShapeFindsItsOwnPlace)
{
    cv::Mat end(800, 400, CV_8UC3, cv::Scalar(120, 120, 120));
    cv::circle(end, {200, 650}, 80, cv::Scalar(20, 40, 220), -1);
    auto request = request_for(file("end.png", end), k_film_wide, Fit::crop);
    request.of = photo("coffee.png");
    request.like = Size{600, 338};

    const auto at = stages::placement(request);

    EXPECT_EQ(at.still, (Size{600, 338}));
    EXPECT_LE(at.source.y, 570);
    EXPECT_GE(at.source.y + at.source.height, 730);
}

} // namespace
} // namespace longtake::test
