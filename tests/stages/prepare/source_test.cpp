// What a source file may be: turned, transparent, deep, grey, damaged.
#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

class Orientation : public PrepareTest, public ::testing::WithParamInterface<int> {};

TEST_P(Orientation, IsBakedIntoTheJpeg)
{
    const std::string jpeg = with_exif(encoded(stored_as(GetParam(), quarters()), ".jpg"), GetParam());

    const Still still = prepare(request_for(file("turned.jpg", jpeg)));

    EXPECT_EQ(still.size, (Size{480, 320}));
    EXPECT_LT(difference(pixels(still), quarters()), 4);
    EXPECT_EQ(mentions(still.actions, "turned upright"), GetParam() != 1);
    EXPECT_EQ(bytes_of(still.file).find("Exif") != std::string::npos, GetParam() == 1);
}

TEST_P(Orientation, IsBakedIntoThePngWithAlpha)
{
    cv::Mat picture;
    cv::cvtColor(quarters(), picture, cv::COLOR_BGR2BGRA);
    picture(cv::Rect(0, 0, 240, 160)) = cv::Scalar(0, 0, 0, 0); // the red quarter is transparent
    const std::string png = with_chunk(encoded(stored_as(GetParam(), picture), ".png"), "eXIf", exif(GetParam()));
    auto request = request_for(file("turned.png", png));
    request.background = "#ff0000";

    EXPECT_EQ(difference(pixels(prepare(request)), quarters()), 0);
}

TEST_P(Orientation, OfALargeJpegLooksTheSameShrunkWhileItIsDecoded)
{
    cv::Mat photograph;
    cv::resize(cv::imread(photo("coffee.png").string()), photograph, {4003, 2669}, 0, 0, cv::INTER_CUBIC);
    const std::string jpeg =
        with_exif(encoded(stored_as(GetParam(), photograph), ".jpg", {cv::IMWRITE_JPEG_QUALITY, 97}), GetParam());
    auto small = request_for(file("large.jpg", jpeg), 16.0 / 9);
    auto whole =
        request_for(file("large.png", encoded(photograph, ".png", {cv::IMWRITE_PNG_COMPRESSION, 1})), 16.0 / 9);
    for (const Fit fit : {Fit::crop, Fit::blur}) {
        small.fit = whole.fit = fit;
        small.rules.max_side = whole.rules.max_side = 480; // less than an eighth
        small.rules.formats = whole.rules.formats = {"png"};

        const double most = fit == Fit::crop ? 2.5 : 2; // a window found on fewer pixels may lie one of the still's off
        EXPECT_LT(difference(pixels(prepare(small)), pixels(prepare(whole))), most);
    }
}

INSTANTIATE_TEST_SUITE_P(AllEight, Orientation, ::testing::Range(1, 9));

/// An uncompressed TIFF, little-endian, with an orientation: OpenCV writes none.
std::string tiff(const cv::Mat& bgr, int orientation)
{
    cv::Mat rgb;
    cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
    const std::string data(reinterpret_cast<const char*>(rgb.data), rgb.total() * rgb.elemSize());
    const auto little = [](std::size_t n, int bytes) {
        std::string out;
        for (int i = 0; i < bytes; ++i, n >>= 8) {
            out += static_cast<char>(n & 0xFF);
        }
        return out;
    };
    const auto rows = static_cast<std::size_t>(rgb.rows);
    const auto columns = static_cast<std::size_t>(rgb.cols);
    const std::size_t bits = rgb.depth() == CV_8U ? 8 : 16;
    const std::vector<std::pair<std::size_t, std::size_t>> entries{{256, columns},
                                                                   {257, rows},
                                                                   {258, bits},
                                                                   {259, 1},
                                                                   {262, 2},
                                                                   {273, 8},
                                                                   {274, static_cast<std::size_t>(orientation)},
                                                                   {277, 3},
                                                                   {278, rows},
                                                                   {279, data.size()}};
    std::string file = "II*" + std::string(1, '\0') + little(8 + data.size(), 4) + data + little(entries.size(), 2);
    for (const auto& [tag, value] : entries) {
        file += little(tag, 2) + little(4, 2) + little(1, 4) + little(value, 4); // all as LONG
    }
    return file + little(0, 4);
}

TEST_F(PrepareTest, ATurnedTiffIsTurnedOnce)
{
    for (const int depth : {CV_8U, CV_16U}) {
        for (int orientation = 1; orientation <= 8; ++orientation) {
            cv::Mat picture = stored_as(orientation, quarters());
            picture.convertTo(picture, depth, depth == CV_8U ? 1 : 257);

            const Still still = prepare(request_for(file("turned.tif", tiff(picture, orientation))));

            EXPECT_EQ(still.size, (Size{480, 320}));
            EXPECT_EQ(difference(pixels(still), quarters()), 0) << depth << " orientation " << orientation;
        }
    }
}

TEST_F(PrepareTest, AlphaIsFlattenedOnTheBackground)
{
    cv::Mat picture(320, 480, CV_8UC4, cv::Scalar(10, 20, 30, 255));
    picture(cv::Rect(0, 0, 240, 320)) = cv::Scalar(200, 200, 200, 0);
    picture(cv::Rect(240, 0, 10, 320)) = cv::Scalar(100, 100, 100, 128);
    const auto at = [&](const Still& still, int x) { return pixels(still).at<cv::Vec3b>(160, x); };
    auto request = request_for(file("alpha.png", picture), {}, Fit::crop);

    const Still white = prepare(request);
    request.background = "#20140c";
    const Still brown = prepare(request);

    EXPECT_EQ(at(white, 10), cv::Vec3b(255, 255, 255));
    EXPECT_EQ(at(white, 400), cv::Vec3b(10, 20, 30));
    EXPECT_NEAR(at(white, 245)[0], 177, 1);
    EXPECT_EQ(at(brown, 10), cv::Vec3b(0x0C, 0x14, 0x20));
    EXPECT_TRUE(mentions(brown.actions, "alpha flattened on #20140c"));
}

TEST_F(PrepareTest, AlphaUnderTheBlurFitShowsThePicturesOwnColours)
{
    cv::Mat picture(400, 400, CV_8UC4, cv::Scalar(255, 255, 255, 0)); // white, but nobody sees it
    cv::circle(picture, {200, 200}, 100, cv::Scalar(0, 0, 220, 255), -1);

    const Still still = prepare(request_for(file("ball.png", picture), 16.0 / 9));

    const cv::Mat out = pixels(still);
    EXPECT_EQ(out.at<cv::Vec3b>(200, out.cols / 2), cv::Vec3b(0, 0, 220));
    const cv::Vec3b corner = out.at<cv::Vec3b>(5, 5);
    EXPECT_GT(corner[2], 60); // darkened red, not white
    EXPECT_LT(corner[0], 20);
}

TEST_F(PrepareTest, AlphaThatHidesNothingIsDropped)
{
    const Still still = prepare(request_for(file("opaque.png", cv::Mat(320, 480, CV_8UC4, cv::Scalar(1, 2, 3, 255)))));

    EXPECT_EQ(pixels(still).type(), CV_8UC3);
    EXPECT_FALSE(mentions(still.actions, "alpha flattened"));
}

TEST_F(PrepareTest, SixteenBitsAreDitheredToEight)
{
    cv::Mat deep(320, 512, CV_16UC3);
    for (int x = 0; x < deep.cols; ++x) {
        deep.col(x) = cv::Scalar::all(x / 8 * 1000);
    }
    const cv::Mat out = pixels(prepare(lossless_request(file("deep.png", deep))));

    ASSERT_EQ(out.type(), CV_8UC3);
    for (int x = 0; x < deep.cols; x += 8) { // the dither's tile: its mean says what no single pixel can
        const double exact = x / 8 * 1000 / 257.0;
        EXPECT_NEAR(cv::mean(out(cv::Rect(x, 0, 8, 320)))[0], exact, 0.02) << x;
        EXPECT_LT(std::abs(out.at<cv::Vec3b>(5, x)[1] - exact), 1) << x;
    }
}

TEST_F(PrepareTest, SixteenBitsThatAreWholeEightStayWhatTheyAre)
{
    cv::Mat deep;
    quarters().convertTo(deep, CV_16U, 257);
    deep *= 0.2; // 51 * 257

    const cv::Mat out = pixels(prepare(request_for(file("whole.png", deep))));

    EXPECT_EQ(difference(out, quarters() * 0.2), 0);
}

TEST_F(PrepareTest, GreyPassesOrBecomesColour)
{
    cv::Mat gray;
    cv::cvtColor(quarters(), gray, cv::COLOR_BGR2GRAY);

    EXPECT_TRUE(prepare(request_for(file("gray.png", gray))).actions.empty());
    EXPECT_EQ(pixels(prepare(request_for(file("gray.png", gray), 1.0, Fit::pad))).channels(), 3);
}

TEST_F(PrepareTest, AGreyPngWithATransparentGreyIsFlattened)
{
    cv::Mat gray(320, 480, CV_8UC1, cv::Scalar(90));
    gray(cv::Rect(0, 0, 240, 320)) = 7;
    const std::string png = with_chunk(encoded(gray, ".png"), "tRNS", std::string("\0\x07", 2));

    const cv::Mat out = pixels(prepare(request_for(file("keyed.png", png), {}, Fit::crop)));

    EXPECT_EQ(out.at<cv::Vec3b>(10, 10), cv::Vec3b(255, 255, 255));
    EXPECT_EQ(out.at<cv::Vec3b>(10, 400), cv::Vec3b(90, 90, 90));
}

TEST_F(PrepareTest, TheContentDecidesNotTheExtension)
{
    const Still still = prepare(request_for(file("really-a-png.jpg", bytes_of(photo("coffee.png")))));

    EXPECT_EQ(still.format, "png");
    EXPECT_EQ(still.file.extension(), ".png");
}

TEST_F(PrepareTest, FilesThatAreNoPicturesAreRefusedInWords)
{
    EXPECT_NE(refusal(dir_ / "missing.jpg").find("missing.jpg: no such picture"), std::string::npos);
    EXPECT_NE(refusal(dir_.path()).find("is a directory"), std::string::npos);
    EXPECT_NE(refusal(file("empty.png", std::string())).find("is empty"), std::string::npos);
    EXPECT_NE(refusal(file("text.jpg", std::string("just words"))).find("not a picture"), std::string::npos);
    EXPECT_NE(refusal(file("anim.gif", std::string("GIF89a\1\0\1\0\0\0\0;", 14))).find("GIF"), std::string::npos);
    EXPECT_NE(refusal(file("live.heic", std::string("\0\0\0\x18"
                                                    "ftypheic\0\0\0\0",
                                                    16)))
                  .find("HEIC"),
              std::string::npos);
    EXPECT_NE(refusal(file("film.png", std::string("\0\0\0\x18"
                                                   "ftypisom\0\0\0\0",
                                                   16)))
                  .find("'clip'"),
              std::string::npos);
    EXPECT_NE(refusal("/dev/zero").find("not a regular file"), std::string::npos);
}

TEST_F(PrepareTest, TruncatedFilesAreRefusedWhereverTheyEnd)
{
    for (const std::string name : {"rocket.jpg", "coffee.png"}) {
        const std::string whole = bytes_of(photo(name));
        for (const double part : {0.001, 0.01, 0.1, 0.5, 0.9, 0.999}) {
            const auto length = static_cast<std::size_t>(static_cast<double>(whole.size()) * part);
            const std::string said = refusal(file("cut-" + name, whole.substr(0, length)));
            EXPECT_NE(said.find("cut short"), std::string::npos) << name << ' ' << part << ": " << said;
        }
        EXPECT_NE(refusal(file("cut-" + name, whole.substr(0, whole.size() - 2))).find("cut short"), std::string::npos);
    }
    EXPECT_NE(refusal(file("cut.jpg", bytes_of(photo("rocket.jpg")).substr(0, 90'000))).find("no end-of-image marker"),
              std::string::npos);
    const std::string webp = encoded(quarters(), ".webp");
    EXPECT_NE(refusal(file("cut.webp", webp.substr(0, webp.size() / 2))).find("cut short"), std::string::npos);
    const std::string bmp = encoded(quarters(), ".bmp");
    EXPECT_NE(refusal(file("cut.bmp", bmp.substr(0, bmp.size() / 2))).find("cut short"), std::string::npos);
}

TEST_F(PrepareTest, AThumbnailsEndMarkerIsNotThePicturesEnd)
{
    const std::string whole = bytes_of(photo("hubble_deep_field.jpg"));
    const std::string thumbnail = encoded(quarters(60, 40), ".jpg");
    const std::string with_thumbnail = with_app1(whole, std::string("Exif\0\0", 6) + exif(1) + thumbnail);

    EXPECT_NE(refusal(file("cut.jpg", with_thumbnail.substr(0, whole.size() / 2))).find("cut short"),
              std::string::npos);
    EXPECT_TRUE(prepare(request_for(file("whole.jpg", with_thumbnail))).actions.empty());
    EXPECT_TRUE(prepare(request_for(file("more.jpg", whole + "trailing bytes of a motion photo"))).actions.empty());
}

TEST_F(PrepareTest, DamagedPngDataIsRefused)
{
    std::string png = bytes_of(photo("coffee.png"));
    png[png.size() / 2] = static_cast<char>(png[png.size() / 2] ^ 0x55);

    EXPECT_NE(refusal(file("bad.png", png)).find("damaged"), std::string::npos);
}

TEST_F(PrepareTest, ABombIsRefusedByItsHeader)
{
    std::string png = encoded(quarters(), ".png");
    png.replace(16, 8, std::string("\0\0\xFF\xFF\0\0\xFF\xFF", 8)); // 65535 x 65535, in a file of some hundred bytes

    EXPECT_NE(refusal(file("bomb.png", png)).find("megapixels"), std::string::npos);
    EXPECT_THROW(stages::picture_size(dir_ / "bomb.png"), Error);
}

TEST_F(PrepareTest, AScanTooLargeToDecodeWholeIsDecodedSmaller)
{
    cv::Mat gray(11'000, 12'000, CV_8UC1, cv::Scalar(60));
    gray.colRange(0, 6'000) = 200;
    auto request = request_for(file("scan.jpg", encoded(gray, ".jpg")));
    request.rules.max_side = 1200;

    const Still still = prepare(request);

    EXPECT_EQ(still.size, (Size{1200, 1100}));
    EXPECT_NEAR(pixels(still).at<cv::Vec3b>(500, 300)[0], 200, 2);
    request.rules.max_side = 12'000;
    request.aspect = 1.0;
    EXPECT_THROW(prepare(request), Error);
}

TEST_F(PrepareTest, FlippedBitsNeverCrash)
{
    std::uint32_t random = 1;
    const auto next = [&] { return random = random * 1664525U + 1013904223U; };
    const std::vector<std::string> sources{with_exif(encoded(quarters(40, 30), ".jpg"), 6, true),
                                           with_chunk(encoded(quarters(40, 30), ".png"), "eXIf", exif(8)),
                                           encoded(quarters(40, 30), ".webp"),
                                           encoded(quarters(40, 30), ".bmp"),
                                           encoded(quarters(40, 30), ".tif"),
                                           encoded(quarters(160, 128), ".jp2"),
                                           encoded(quarters(40, 30), ".ppm")};
    for (const std::string& source : sources) {
        for (int i = 0; i < 60; ++i) {
            std::string broken = source;
            for (int flips = 0; flips < 3; ++flips) {
                broken[next() % std::min<std::size_t>(broken.size(), 200)] = static_cast<char>(next() >> 24);
            }
            try {
                const auto name =
                    file("broken", broken.substr(0, next() % 4 == 0 ? next() % broken.size() : broken.size()));
                stages::picture_size(name);
                prepare(request_for(name, 1.0, Fit::pad));
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), Errc::input);
            }
        }
    }
}

} // namespace
} // namespace longtake::test
