// Files made to hurt, and shapes nobody thinks of.
#include "tests/stages/prepare/variants.h"

#include <ctime>

namespace longtake::test {
namespace {

std::string number(std::uint64_t n, int bytes, bool little)
{
    std::string out;
    for (int i = 0; i < bytes; ++i) {
        const int shift = 8 * (little ? i : bytes - 1 - i);
        out += static_cast<char>(n >> shift & 0xFF);
    }
    return out;
}

/// A JPEG header of this size, and no more.
std::string jpeg_bomb(int marker, int width, int height)
{
    std::string jpeg = encoded(quarters(16, 16), ".jpg");
    const std::size_t at = jpeg.find("\xFF\xC0");
    jpeg[at + 1] = static_cast<char>(marker);
    return jpeg.replace(at + 5, 4, number(height, 2, false) + number(width, 2, false));
}

std::string png_bomb()
{
    const std::string header = number(30'000, 4, false) + number(30'000, 4, false) + std::string("\x08\x02\0\0\0", 5);
    return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + png_chunk("IDAT", "x") + png_chunk("IEND", "");
}

/// A TIFF directory of one compressed strip. BigTIFF has wider fields.
std::string tiff_bomb(bool big, std::uint64_t side, std::uint64_t samples, std::uint64_t bits)
{
    const int wide = big ? 8 : 4;
    const std::vector<std::pair<int, std::uint64_t>> entries{
        {256, side}, {257, side},    {258, bits}, {259, 8},  {262, samples >= 3 ? 2 : 1},
        {273, 8},    {277, samples}, {278, side}, {279, 100}};
    std::string file = big ? "II+" + std::string("\0\x08\0\0\0", 5) + number(16, 8, true)
                           : "II*" + std::string(1, '\0') + number(8, 4, true);
    file += number(entries.size(), big ? 8 : 2, true);
    for (const auto& [tag, value] : entries) {
        file += number(tag, 2, true) + number(4, 2, true) + number(1, wide, true) + number(value, wide, true);
    }
    return file + number(0, wide, true) + std::string(200, '\0');
}

std::string webp_bomb()
{
    const std::string vp8x =
        "VP8X" + number(10, 4, true) + std::string(4, '\0') + number(16'383, 3, true) + number(16'382, 3, true);
    const std::string vp8l = "VP8L" + number(8, 4, true) + "\x2f" + number(0x0FFFFFFF, 4, true) + std::string(3, '\0');
    const std::string body = "WEBP" + vp8x + vp8l;
    return "RIFF" + number(body.size(), 4, true) + body;
}

std::string bmp_bomb()
{
    return "BM" + number(200, 4, true) + std::string(4, '\0') + number(54, 4, true) + number(40, 4, true) +
           number(30'000, 4, true) + number(30'000, 4, true) + number(1, 2, true) + number(24, 2, true) +
           std::string(200, '\0');
}

std::string gif_bomb()
{
    const std::string size = number(65'535, 2, true) + number(65'535, 2, true);
    return "GIF89a" + size + std::string(3, '\0') + "," + std::string(4, '\0') + size +
           std::string("\0\x08\x02xx\0;", 7);
}

std::string jpeg2000_bomb()
{
    const std::string size = number(60'000, 4, false) + number(60'000, 4, false);
    return "\xFF\x4F\xFF\x51" + number(41, 2, false) + number(0, 2, false) + size + std::string(8, '\0') + size +
           std::string(8, '\0') + number(1, 2, false) + "\x07\x01\x01" + std::string(100, '\0') + "\xFF\xD9";
}

/// A HEIF file with its stated size made absurd.
std::string heif_bomb(std::string file)
{
    const std::size_t at = file.find("ispe");
    return file.replace(at + 8, 8, number(30'000, 4, false) + number(30'000, 4, false));
}

TEST_F(VariantTest, BombsAreRefusedByTheirHeadersAtOnce)
{
    ASSERT_TRUE(shell("heif-enc -q 50 $IN -o a.heic && heif-enc -A -q 50 $IN -o a.avif", dir_ / "unused"));
    const std::vector<std::pair<std::string, std::string>> bombs{
        {"bomb.jpg", jpeg_bomb(0xC0, 65'500, 65'500)},
        {"progressive.jpg", jpeg_bomb(0xC2, 65'500, 65'500)},
        {"large-progressive.jpg", jpeg_bomb(0xC2, 15'000, 15'000)},
        {"bomb.png", png_bomb()},
        {"bomb.tif", tiff_bomb(false, 30'000, 3, 8)},
        {"big.tif", tiff_bomb(true, 60'000, 3, 8)},
        {"absurd.tif", tiff_bomb(true, 2'000'000'000, 1, 8)},
        {"bomb.webp", webp_bomb()},
        {"bomb.bmp", bmp_bomb()},
        {"bomb.gif", gif_bomb()},
        {"bomb.j2k", jpeg2000_bomb()},
        {"bomb.ppm", "P6 30000 30000 255\n" + std::string(100, 'x')},
        {"bomb.heic", heif_bomb(bytes_of(dir_ / "a.heic"))},
        {"bomb.avif", heif_bomb(bytes_of(dir_ / "a.avif"))},
    };
    for (const auto& [name, bytes] : bombs) {
        const auto made = file(name, bytes);
        const std::clock_t begun = std::clock();
        EXPECT_NE(refusal(made).find("megapixels"), std::string::npos) << name << ": " << refusal(made);
        EXPECT_THROW(stages::picture_size(made), Error) << name;
        EXPECT_LT(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, 0.2) << name;
    }
}

TEST_F(VariantTest, ManySamplesAPixelAreBoundedLikeManyPixels)
{
    EXPECT_NE(refusal(file("deep.tif", tiff_bomb(false, 9'900, 8, 16))).find("MB decoded"), std::string::npos);
    EXPECT_NE(refusal(file("many.tif", tiff_bomb(false, 9'900, 60'000, 8))).find("MB decoded"), std::string::npos);
}

TEST_F(VariantTest, AHeifWhosePictureIsLargerThanItSaysIsAnswered)
{
    ASSERT_TRUE(shell("heif-enc -q 50 $IN -o a.heic", dir_ / "unused"));
    std::string heic = bytes_of(dir_ / "a.heic");
    const std::size_t at = heic.find("ispe");
    heic.replace(at + 8, 8, number(10, 4, false) + number(10, 4, false));
    EXPECT_NE(refusal(file("lies.heic", heic)).find("damaged"), std::string::npos) << refusal(dir_ / "lies.heic");
}

TEST_F(VariantTest, AHeaderWithoutPixelsIsNotSalvaged)
{
    auto request = as_it_is(file("hollow.pgm", std::string("P5 49 364124 255\n12345")));
    request.lenient = true;
    EXPECT_THROW(prepare(request), Error);
    request.file = file("hollow.bmp", bmp_bomb()
                                          .replace(18, 8, number(4'000, 4, true) + number(4'000, 4, true))
                                          .replace(2, 4, number(48'000'054, 4, true)));
    EXPECT_THROW(prepare(request), Error);
}

struct Shape {
    const char* name;
    int width, height;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape)
{
    return out << shape.name;
}

class ShapeTest : public VariantTest, public ::testing::WithParamInterface<Shape> {};

TEST_P(ShapeTest, MeetsTheRulesUnderEveryFit)
{
    cv::Mat picture;
    cv::resize(cv::imread(photo("coffee.png").string()), picture, {GetParam().width, GetParam().height}, 0, 0,
               cv::INTER_AREA);
    const auto made = file("shape.png", picture);
    for (const Fit fit : {Fit::crop, Fit::blur, Fit::pad}) {
        for (const std::optional<double> aspect :
             {std::optional<double>(), std::optional(16.0 / 9), std::optional(9.0 / 16)}) {
            auto request = request_for(made, aspect, fit);
            request.rules.max_side = 2048;
            const Still still = prepare(request);

            ASSERT_TRUE(shell("identify -format '%w %h' " + still.file.string() + " >size", made));
            std::ifstream(dir_ / "size") >> request.rules.min_side; // reused: what ImageMagick reads
            EXPECT_EQ(request.rules.min_side, still.size.width);
            EXPECT_GE(std::min(still.size.width, still.size.height), 300) << still.size.text();
            EXPECT_LE(std::max(still.size.width, still.size.height), 2048) << still.size.text();
            EXPECT_LE(std::max(still.size.aspect(), 1 / still.size.aspect()), 2.5) << still.size.text();
            EXPECT_LT(std::abs(still.size.aspect() / aspect.value_or(still.size.aspect()) - 1), 0.02);
        }
    }
}

constexpr Shape k_shapes[] = {{"one_pixel", 1, 1},        {"two_pixels", 2, 1},       {"icon", 20, 20},
                              {"just_too_low", 300, 299}, {"just_enough", 300, 300},  {"panorama", 3000, 300},
                              {"tower", 300, 3000},       {"hair", 5000, 1},          {"thread", 1, 5000},
                              {"wide_icon", 64, 16},      {"at_the_limit", 750, 300}, {"over_the_limit", 751, 300}};

INSTANTIATE_TEST_SUITE_P(Kinds, ShapeTest, ::testing::ValuesIn(k_shapes), name_of<Shape>);

TEST_F(VariantTest, ACropOfAVeryThinPictureIsChosen)
{
    auto request = as_it_is(file("thin.png", quarters(60'000, 8)));
    request.aspect = 16.0 / 9;
    EXPECT_NO_THROW(prepare(request));
}

} // namespace
} // namespace longtake::test
