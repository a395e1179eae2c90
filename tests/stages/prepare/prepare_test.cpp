#include "stages/prepare/prepare.h"

#include "pipeline/base/hash.h"
#include "tests/stages/prepare/pictures.h"

#include <array>
#include <cstdlib>
#include <thread>

namespace longtake::test {
namespace {

using stages::picture_size;

TEST_F(PrepareTest, APhotographThatCompliesPassesByteForByte)
{
    for (const std::string name : {"coffee.png", "astronaut.png", "hubble_deep_field.jpg"}) {
        const Still still = prepare(request_for(photo(name)));

        EXPECT_EQ(bytes_of(still.file), bytes_of(photo(name))) << name;
        EXPECT_EQ(still.sha256, sha256_of_file(photo(name)));
        EXPECT_EQ(still.file.filename().string(), still.sha256 + (name.ends_with("png") ? ".png" : ".jpg"));
        EXPECT_TRUE(still.actions.empty());
        EXPECT_TRUE(still.warnings.empty());
        EXPECT_EQ(still.format, name.ends_with("png") ? "png" : "jpeg");
    }
}

TEST_F(PrepareTest, TheAspectItAlreadyHasChangesNothing)
{
    const Still still = prepare(request_for(photo("coffee.png"), 3.0 / 2));
    const Still near = prepare(request_for(photo("coffee.png"), 1.505));

    EXPECT_TRUE(still.actions.empty());
    EXPECT_TRUE(near.actions.empty());
}

TEST_F(PrepareTest, AnAlmostRightAspectIsCutNotBarred)
{
    const Still still = prepare(request_for(file("a.png", quarters(1920, 1088)), 16.0 / 9));

    EXPECT_EQ(still.size, (Size{1920, 1080}));
    EXPECT_TRUE(mentions(still.actions, "crop 1920x1080+0+4"));
}

TEST_F(PrepareTest, TheStillIsFoundAgainUnderItsContent)
{
    const Still first = prepare(request_for(photo("chelsea.png"), 16.0 / 9));
    const auto written = std::filesystem::last_write_time(first.file);
    const Still second = prepare(request_for(photo("chelsea.png"), 16.0 / 9));

    EXPECT_EQ(first.sha256, second.sha256); // the dither is the same every time
    EXPECT_EQ(std::filesystem::last_write_time(second.file), written);
    EXPECT_EQ(first.sha256, sha256_of_file(first.file));
}

TEST_F(PrepareTest, ManyShotsMayPrepareTheSamePictureAtOnce)
{
    std::vector<std::thread> shots;
    for (int i = 0; i < 8; ++i) {
        shots.emplace_back([&] { EXPECT_NO_THROW(prepare(request_for(photo("rocket.jpg"), 16.0 / 9, Fit::crop))); });
    }
    for (std::thread& shot : shots) {
        shot.join();
    }
    const std::filesystem::directory_iterator files(dir_ / "stills");
    EXPECT_EQ(std::distance(begin(files), end(files)), 1); // and no part file was left
}

TEST_F(PrepareTest, SmallPicturesAreUpScaledToTheLeastSide)
{
    const Still still = prepare(request_for(file("small.png", quarters(96, 64))));

    EXPECT_EQ(still.size, (Size{450, 300}));
    EXPECT_TRUE(mentions(still.actions, "up-scaled 4.69x to 450x300"));
    EXPECT_TRUE(mentions(still.warnings, "up-scaled 4.7x: detail will be soft"));
}

TEST_F(PrepareTest, OnePixelIsAPicture)
{
    const Still still = prepare(request_for(file("dot.png", quarters(1, 1)), 16.0 / 9));

    EXPECT_GE(still.size.height, 300);
    EXPECT_NEAR(still.size.aspect(), 16.0 / 9, 0.01);
}

TEST_F(PrepareTest, LargePicturesAreDownScaledToTheGreatestSide)
{
    auto request = request_for(file("large.png", quarters(2400, 1600)));
    request.rules.max_side = 1200;

    const Still still = prepare(request);

    EXPECT_EQ(still.size, (Size{1200, 800}));
    EXPECT_TRUE(mentions(still.actions, "down-scaled 2x to 1200x800"));
}

/// What lies where in a JPEG that is reduced while it is decoded depends on how it is turned and where it is cut.
TEST_F(PrepareTest, ALargeJpegIsCutWhereItsUprightTwinIs)
{
    const std::vector<int> best{cv::IMWRITE_JPEG_QUALITY, 100};
    cv::Mat upright = quarters(1200, 500);
    cv::circle(upright, {900, 200}, 120, cv::Scalar(20, 90, 200), -1);
    const std::array<cv::Mat, 9> stored = [&] {
        std::array<cv::Mat, 9> all;
        cv::Mat across;
        cv::transpose(upright, across);
        for (const auto& [orientation, code] : {std::pair(2, 1), std::pair(3, -1), std::pair(4, 0)}) {
            cv::flip(upright, all[static_cast<std::size_t>(orientation)], code);
        }
        all[1] = upright;
        all[5] = across;
        cv::flip(across, all[7], -1);
        cv::rotate(upright, all[6], cv::ROTATE_90_COUNTERCLOCKWISE);
        cv::rotate(upright, all[8], cv::ROTATE_90_CLOCKWISE);
        return all;
    }();
    cv::Mat expected;
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const std::string jpeg = encoded(stored[static_cast<std::size_t>(orientation)], ".jpg", best);
        auto request = request_for(file("turned.jpg", with_exif(jpeg, orientation)), 1.0, Fit::crop);
        request.rules.max_side = 330;

        const Still still = prepare(request);

        ASSERT_EQ(still.size, (Size{330, 330})) << orientation;
        expected = expected.empty() ? pixels(still) : expected;
        EXPECT_LT(difference(pixels(still), expected), 1) << orientation;
    }
    const auto at = stages::placement(request_for(dir_ / "turned.jpg", 1.0, Fit::crop)).source;
    cv::Mat window;
    cv::resize(upright(cv::Rect(at.x, at.y, at.width, at.height)), window, {330, 330}, 0, 0, cv::INTER_AREA);
    EXPECT_LT(difference(expected, window), 2);
}

TEST_F(PrepareTest, EverySamplingOfChromaIsReduced)
{
    cv::Mat upright = quarters(1200, 800);
    cv::GaussianBlur(upright, upright, {}, 20);
    for (const std::string sampling : {"1x1", "2x1", "1x2", "2x2", "4x1", "4x2"}) {
        const auto picture = file("a.png", upright);
        const auto jpeg = dir_ / (sampling + ".jpg");
        ASSERT_EQ(std::system(("convert '" + picture.string() + "' -quality 97 -sampling-factor " + sampling + " '" +
                               jpeg.string() + "'")
                                  .c_str()),
                  0);
        for (const int side : {310, 640, 1100}) {
            auto request = request_for(jpeg);
            request.rules.max_side = side;
            request.rules.min_side = 100;
            const cv::Mat out = pixels(prepare(request));
            cv::Mat expected;
            cv::resize(upright, expected, out.size(), 0, 0, cv::INTER_AREA);
            EXPECT_LT(difference(out, expected), 2) << sampling << " " << side;
        }
    }
}

TEST_F(PrepareTest, APanoramaIsBroughtWithinTheWidestAspect)
{
    for (const Fit fit : {Fit::blur, Fit::pad, Fit::crop}) {
        for (const cv::Size size : {cv::Size(2000, 401), cv::Size(401, 2000), cv::Size(1503, 600)}) {
            const Still still = prepare(request_for(file("wide.png", quarters(size.width, size.height)), {}, fit));

            EXPECT_LE(still.size.aspect(), 2.5) << still.size.text();
            EXPECT_GE(still.size.aspect(), 0.4) << still.size.text();
            EXPECT_NEAR(std::max(still.size.aspect(), 1 / still.size.aspect()), 2.5, 0.02);
            EXPECT_GE(std::min(still.size.width, still.size.height), 300);
        }
    }
}

TEST_F(PrepareTest, BytesAreMetByQualityFirst)
{
    cv::Mat noise(600, 900, CV_8UC3);
    cv::randu(noise, 0, 256);
    auto request = request_for(file("noise.png", noise));
    request.rules.max_bytes = 500'000;

    const Still still = prepare(request);

    EXPECT_EQ(still.format, "jpeg");
    EXPECT_EQ(still.size, (Size{900, 600}));
    EXPECT_LE(std::filesystem::file_size(still.file), 500'000U);
    EXPECT_GT(std::filesystem::file_size(still.file), 430'000U); // the best quality that fits, not any
}

TEST_F(PrepareTest, BytesAreMetBySizeWhereQualityIsNotEnough)
{
    cv::Mat noise(900, 1200, CV_8UC3);
    cv::randu(noise, 0, 256);
    auto request = request_for(file("noise.png", noise));
    request.rules.max_bytes = 120'000;

    const Still still = prepare(request);

    EXPECT_LE(std::filesystem::file_size(still.file), 120'000U);
    EXPECT_LT(still.size.width, 1200);
    EXPECT_NEAR(still.size.aspect(), 4.0 / 3, 0.01);
    EXPECT_TRUE(mentions(still.actions, "to fit 120000 bytes"));
    EXPECT_EQ(still.size, picture_size(still.file));
}

TEST_F(PrepareTest, BytesThatCannotBeMetAreRefused)
{
    auto request = request_for(photo("coffee.png"));
    request.rules.max_bytes = 2000;
    EXPECT_THROW(prepare(request), Error);
}

TEST_F(PrepareTest, AHeavyPngPhotographBecomesAJpeg)
{
    auto request = request_for(photo("astronaut.png"));
    request.rules.max_bytes = 400'000;

    const Still still = prepare(request);

    EXPECT_EQ(still.format, "jpeg");
    EXPECT_LT(difference(pixels(still), cv::imread(photo("astronaut.png").string())), 3);
}

TEST_F(PrepareTest, GraphicsStayLossless)
{
    const Still still = prepare(request_for(file("logo.bmp", quarters())));

    EXPECT_EQ(still.format, "png");
    EXPECT_EQ(difference(pixels(still), quarters()), 0);
}

TEST_F(PrepareTest, OnlyTheFormatsTheServiceTakesAreWritten)
{
    auto request = request_for(photo("coffee.png"));
    request.rules.formats = {"jpeg"};
    EXPECT_EQ(prepare(request).format, "jpeg");

    request = request_for(photo("rocket.jpg"));
    request.rules.formats = {"png"};
    EXPECT_EQ(prepare(request).format, "png");
}

TEST_F(PrepareTest, LocationIsCutOutWithoutTouchingThePixels)
{
    const std::string jpeg = bytes_of(photo("hubble_deep_field.jpg"));
    const Still still = prepare(request_for(file("gps.jpg", with_exif(jpeg, 1, true))));
    const Still plain = prepare(request_for(file("no-gps.jpg", with_exif(jpeg, 1))));

    EXPECT_TRUE(mentions(still.actions, "metadata removed"));
    EXPECT_EQ(bytes_of(still.file).find("Exif"), std::string::npos);
    EXPECT_EQ(difference(pixels(still), cv::imread(photo("hubble_deep_field.jpg").string())), 0);
    EXPECT_TRUE(plain.actions.empty());
}

TEST_F(PrepareTest, LocationInXmpAndPngIsCutOutToo)
{
    const std::string xmp("http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='52,31N'/>", 60);
    const Still jpeg = prepare(request_for(file("xmp.jpg", with_app1(bytes_of(photo("hubble_deep_field.jpg")), xmp))));
    const Still png =
        prepare(request_for(file("gps.png", with_chunk(bytes_of(photo("coffee.png")), "eXIf", exif(1, true)))));

    EXPECT_EQ(bytes_of(jpeg.file).find("GPSLatitude"), std::string::npos);
    EXPECT_EQ(bytes_of(png.file).find("eXIf"), std::string::npos);
    EXPECT_EQ(difference(pixels(png), cv::imread(photo("coffee.png").string())), 0);
}

TEST_F(PrepareTest, PictureSizeIsThatOfTheUprightPicture)
{
    EXPECT_EQ(picture_size(photo("coffee.png")), (Size{600, 400}));
    EXPECT_EQ(picture_size(photo("hubble_deep_field.jpg")), (Size{1000, 872}));
    const std::string jpeg = bytes_of(photo("rocket.jpg"));
    EXPECT_EQ(picture_size(file("turned.jpg", with_exif(jpeg, 6))), (Size{427, 640}));
    EXPECT_EQ(picture_size(file("mirrored.jpg", with_exif(jpeg, 2))), (Size{640, 427}));
    for (const char* name : {"a.bmp", "a.tif", "a.webp", "a.jp2", "a.ppm", "a.png", "a.jpg"}) {
        EXPECT_EQ(picture_size(file(name, quarters(123, 77))), (Size{123, 77})) << name;
    }
}

TEST_F(PrepareTest, EveryFormatThatCanBeReadIsPrepared)
{
    for (const char* name : {"a.bmp", "a.tif", "a.webp", "a.jp2", "a.ppm", "a.png", "a.jpg"}) {
        const Still still = prepare(request_for(file(name, quarters())));
        EXPECT_LT(difference(pixels(still), quarters()), 4) << name;
    }
}

} // namespace
} // namespace longtake::test
