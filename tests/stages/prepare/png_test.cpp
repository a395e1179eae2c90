// PNG's chunks: what they say of colour, and what they hold to do harm.
#include "tests/stages/prepare/variants.h"

#include <zlib.h>

namespace longtake::test {
namespace {

const Variant k_pngs[] = {
    {"one-bit.png", "convert $IN -monochrome -define png:bit-depth=1 -define png:color-type=0 $OUT"},
    {"two-bits.png", "convert $IN -colorspace Gray -depth 2 -define png:color-type=0 $OUT"},
    {"four-bits.png", "convert $IN -colorspace Gray -depth 4 -define png:color-type=0 $OUT"},
    {"palette-1.png", "convert $IN -colors 2 -define png:color-type=3 -define png:bit-depth=1 $OUT"},
    {"palette-2.png", "convert $IN -colors 4 -define png:color-type=3 -define png:bit-depth=2 $OUT"},
    {"palette-4.png", "convert $IN -colors 16 -define png:color-type=3 -define png:bit-depth=4 $OUT"},
    {"palette-8.png", "convert $IN -colors 200 -define png:color-type=3 $OUT"},
    {"palette-clear.png", "convert $IN -colors 16 -fuzz 20% -transparent '#402010' PNG8:$OUT"},
    {"interlaced-palette.png", "convert $IN -colors 16 -interlace PNG PNG8:$OUT"},
    {"interlaced-bits.png", "convert $IN -monochrome -interlace PNG $OUT"},
    {"deep-interlaced.png", "convert $IN -depth 16 -interlace PNG PNG48:$OUT", "from 16 to 8"},
    {"deep-grey-alpha.png",
     "convert $IN -colorspace Gray -alpha set -channel A -evaluate set 60% -depth 16 "
     "-define png:color-type=4 $OUT",
     "alpha flattened"},
    {"keyed.png", "convert $IN -fill '#123456' -draw 'rectangle 0,0 70,50' -transparent '#123456' "
                  "-define png:color-type=2 $OUT"},
    {"from-ffmpeg.png", "ffmpeg -v error -i $IN -pix_fmt rgba64be $OUT", "from 16 to 8"},
    {"hidden-default.png", "ffmpeg -v error -loop 1 -t 0.2 -i $IN -f apng -plays 0 $OUT", "animated"},
    {"srgb-chunk.png", "convert $IN -set colorspace sRGB $OUT"},
};

class PngTest : public VariantTest, public ::testing::WithParamInterface<Variant> {};

TEST_P(PngTest, IsSeenAsElsewhereOrRefused)
{
    expect_answer(GetParam());
    expect_half_is_answered(dir_ / GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(Kinds, PngTest, ::testing::ValuesIn(k_pngs), name_of<Variant>);

std::string big_endian(std::uint32_t n)
{
    return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}

std::string deflated(const std::string& bytes)
{
    uLongf length = compressBound(bytes.size());
    std::string out(length, '\0');
    compress2(reinterpret_cast<Bytef*>(out.data()), &length, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
              9);
    out.resize(length);
    return out;
}

/// The eight numbers of cHRM: xy of white, red, green, blue.
std::string chromaticities(const std::array<double, 8>& xy)
{
    std::string out;
    for (const double value : xy) {
        out += big_endian(static_cast<std::uint32_t>(std::lround(value * 100'000)));
    }
    return out;
}

class PngChunkTest : public VariantTest {
protected:
    Still with(const std::string& type, const std::string& body)
    {
        return prepare(request_for(file("chunk.png", with_chunk(picture(), type, body))));
    }
    static std::string picture() { return encoded(quarters(), ".png"); }
    static cv::Mat half_grey() { return cv::Mat(320, 480, CV_8UC3, cv::Scalar::all(128)); }
};

TEST_F(PngChunkTest, ALinearGammaIsHonoured)
{
    const std::string png = with_chunk(encoded(half_grey(), ".png"), "gAMA", big_endian(100'000));

    const Still still = prepare(request_for(file("linear.png", png)));

    EXPECT_NEAR(pixels(still).at<cv::Vec3b>(9, 9)[1], 188, 1); // IEC 61966-2-1 of 128 / 255
    EXPECT_TRUE(mentions(still.actions, "converted to sRGB from 'gAMA and cHRM of the PNG'"));
}

TEST_F(PngChunkTest, ALinearGammaOfGreysIsHonoured)
{
    const std::string png =
        with_chunk(encoded(cv::Mat(320, 480, CV_8UC1, cv::Scalar(128)), ".png"), "gAMA", big_endian(100'000));

    EXPECT_NEAR(pixels(prepare(request_for(file("linear.png", png)))).at<cv::Vec3b>(9, 9)[1], 188, 1);
}

TEST_F(PngChunkTest, TheUsualGammaChangesNothing)
{
    EXPECT_TRUE(with("gAMA", big_endian(45'455)).actions.empty());
    EXPECT_TRUE(with("cHRM", chromaticities({0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06})).actions.empty());
}

TEST_F(PngChunkTest, OtherPrimariesAreHonoured)
{
    const std::string p3 = chromaticities({0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06});
    const cv::Mat orange(320, 480, CV_8UC3, cv::Scalar(60, 120, 200));

    const std::string png = with_chunk(encoded(orange, ".png"), "cHRM", p3);
    const Still by_chunk = prepare(request_for(file("p3.png", png)));
    const Still by_code = prepare(request_for(
        file("p3-code.png", with_chunk(encoded(orange, ".png"), "cICP", std::string("\x0C\x0D\0\x01", 4)))));

    // (200, 120, 60) of Display P3 in sRGB, by the matrices of the CSS Color 4 specification
    const cv::Vec3b expected(42, 115, 213);
    for (int c = 0; c < 3; ++c) {
        EXPECT_NEAR(pixels(by_chunk).at<cv::Vec3b>(9, 9)[c], expected[c], 2) << c;
        EXPECT_NEAR(pixels(by_code).at<cv::Vec3b>(9, 9)[c], expected[c], 2) << c;
    }
    EXPECT_TRUE(mentions(by_code.actions, "Display P3"));
}

TEST_F(PngChunkTest, CodePointsOfSrgbChangeNothingAndHighDynamicRangeIsRefused)
{
    EXPECT_TRUE(with("cICP", std::string("\x01\x0D\0\x01", 4)).actions.empty());
    const std::string pq = with_chunk(picture(), "cICP", std::string("\x09\x10\0\x01", 4));
    EXPECT_NE(refusal(file("pq.png", pq)).find("high-dynamic-range PNG"), std::string::npos);
}

TEST_F(PngChunkTest, ImpossiblePrimariesAreWarnedOf)
{
    const Still still = with("cHRM", chromaticities({0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3}));
    EXPECT_EQ(pixels(still).at<cv::Vec3b>(9, 9), cv::Vec3b(0, 0, 255));
}

TEST_F(PngChunkTest, BombsInChunksBesideThePixelsAreNotInflated)
{
    const std::string bomb = deflated(std::string(60'000'000, '\0'));
    for (const auto& [type, head] :
         {std::pair("iCCP", std::string("x\0\0", 3)), std::pair("zTXt", std::string("x\0\0", 3)),
          std::pair("iTXt", std::string("x\0\1\0\0\0", 6))}) {
        const Still still = with(type, head + bomb);
        EXPECT_EQ(difference(pixels(still), quarters()), 0) << type;
    }
}

TEST_F(PngChunkTest, ThousandsOfChunksAreWalkedOver)
{
    std::string chunks;
    for (int i = 0; i < 20'000; ++i) {
        chunks += png_chunk(i % 2 == 0 ? "tEXt" : "eXIf", i % 2 == 0 ? "Comment" + std::string(1, '\0') : exif(6));
    }
    const std::string png = picture();

    const Still still = prepare(request_for(file("many.png", png.substr(0, 33) + chunks + png.substr(33))));

    EXPECT_EQ(still.size, (Size{320, 480})) << "turned by the first";
}

TEST_F(PngChunkTest, DamageInAChunkThatDoesNotMatterPasses)
{
    std::string png = with_chunk(picture(), "tEXt", "Comment" + std::string("\0words", 6));
    png[png.find("words")] = 'W';
    EXPECT_EQ(difference(pixels(prepare(request_for(file("crc.png", png)))), quarters()), 0);
}

TEST_F(PngChunkTest, BrokenHeadersAreRefused)
{
    std::string png = picture();
    const auto header = [&](std::uint32_t width, std::uint32_t height, int bits, int kind) {
        const std::string body = big_endian(width) + big_endian(height) + static_cast<char>(bits) +
                                 static_cast<char>(kind) + std::string(3, '\0');
        return png.substr(0, 8) + png_chunk("IHDR", body) + png.substr(33);
    };
    EXPECT_NE(refusal(file("zero.png", header(0, 10, 8, 2))).find("no valid size"), std::string::npos);
    EXPECT_NE(refusal(file("negative.png", header(0x80000001U, 10, 8, 2))).find("no valid size"), std::string::npos);
    EXPECT_NE(refusal(file("bits.png", header(480, 320, 3, 2))).find("damaged"), std::string::npos);
    EXPECT_NE(refusal(file("kind.png", header(480, 320, 8, 5))).find("damaged"), std::string::npos);
    EXPECT_NE(refusal(file("larger.png", header(480, 321, 8, 2))).find("damaged"), std::string::npos);
    EXPECT_NE(refusal(file("no-pixels.png", png.substr(0, 33) + png_chunk("IEND", ""))).find("damaged"),
              std::string::npos);
    EXPECT_NE(refusal(file("crc.png", png.substr(0, 16) + "\1" + png.substr(17))), "nothing was refused");
}

TEST_F(PngChunkTest, ASecondHeaderDoesNotHideTheSizeOfTheFirst)
{
    const std::string bomb = big_endian(30'000) + big_endian(30'000) + std::string("\x08\x02\0\0\0", 5);
    const std::string png = picture();
    const std::string two = png.substr(0, 8) + png_chunk("IHDR", bomb) + png.substr(8);

    EXPECT_NE(refusal(file("two.png", two)), "nothing was refused");
}

TEST_F(PngChunkTest, WhatStandsBehindTheEndPasses)
{
    EXPECT_TRUE(prepare(request_for(file("more.png", picture() + "trailing bytes"))).actions.empty());
}

TEST_F(PngChunkTest, TheRowsThatAreThereAreSalvaged)
{
    const std::string png = encoded(cv::imread(photo("coffee.png").string()), ".png");
    auto request = request_for(file("cut.png", png.substr(0, png.size() * 6 / 10)));
    request.lenient = true;
    request.rules.formats = {"png"}; // exactly what was there, not a JPEG of it

    const Still still = prepare(request);

    EXPECT_EQ(still.size, (Size{600, 400}));
    EXPECT_TRUE(mentions(still.warnings, "% of its rows could be decoded"));
    const cv::Mat upper = pixels(still).rowRange(0, 100);
    EXPECT_EQ(difference(upper, cv::imread(photo("coffee.png").string()).rowRange(0, 100)), 0);
    EXPECT_EQ(pixels(still).at<cv::Vec3b>(399, 300), cv::Vec3b::all(128));
}

} // namespace
} // namespace longtake::test
