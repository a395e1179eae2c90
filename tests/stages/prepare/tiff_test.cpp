// The kinds of TIFF that scanners, cameras and print shops make.
#include "tests/stages/prepare/variants.h"

#include <array>

namespace longtake::test {
namespace {

const Variant k_tiffs[] = {
    {"big.tif", "convert $IN TIFF64:$OUT"},
    {"big-endian-big.tif", "convert $IN -endian MSB TIFF64:$OUT"},
    {"big-tiled.tif", "vips tiffsave $IN $OUT --bigtiff --tile --tile-width 32 --tile-height 32 --compression deflate"},
    {"pages.tif", "convert $IN \\( $IN -negate \\) $OUT"},
    {"pyramid.tif", "vips tiffsave $IN $OUT --pyramid --tile --tile-width 64 --tile-height 64"},
    {"packbits.tif", "convert $IN -compress RLE $OUT"},
    {"lzma.tif", "convert $IN -compress LZMA $OUT"},
    {"zstd.tif", "vips tiffsave $IN $OUT --compression zstd"},
    {"webp.tif", "vips tiffsave $IN $OUT --compression webp --Q 95"},
    {"jpeg-tiles.tif", "vips tiffsave $IN $OUT --compression jpeg --Q 95 --tile --tile-width 64 --tile-height 64"},
    {"predictor.tif", "vips tiffsave $IN $OUT --compression lzw --predictor horizontal"},
    {"deep-predictor.tif", "convert $IN -depth 16 -compress LZW -define tiff:predictor=2 $OUT", "from 16 to 8"},
    {"deep-planar.tif", "convert $IN -depth 16 -interlace plane -compress Zip $OUT", "from 16 to 8"},
    {"planar-tiles.tif", "convert $IN -compress None x.tif && tiffcp -p separate -t -w 48 -l 32 x.tif $OUT"},
    {"one-row-strips.tif", "convert $IN -define tiff:rows-per-strip=1 $OUT"},
    {"group3.tif", "convert $IN -monochrome -compress Fax $OUT"},
    {"bits.tif", "convert $IN -monochrome -compress None $OUT"},
    {"white-bits.tif", "convert $IN -monochrome -define quantum:polarity=min-is-white -compress None $OUT"},
    {"four-bits.tif", "convert $IN -colorspace Gray -depth 4 $OUT"},
    {"small-palette.tif", "convert $IN -colors 12 -type Palette -depth 4 $OUT"},
    {"lab.tif", "convert $IN -colorspace Lab $OUT", "", "", 3} /* libtiff's own way to sRGB */,
    {"grey-alpha.tif", "convert $IN -colorspace Gray -alpha set -channel A -evaluate set 60% $OUT", "alpha flattened"},
    {"deep-alpha.tif", "convert $IN -alpha set -channel A -evaluate set 60% -depth 16 $OUT", "alpha flattened"},
    {"float.tif", "convert $IN -depth 32 -define quantum:format=floating-point $OUT", "", "floating-point"},
    {"deep-float.tif", "convert $IN -depth 64 -define quantum:format=floating-point $OUT", "", "floating-point"},
    {"thirty-two-bits.tif", "convert $IN -depth 32 $OUT", "", "export it with 8 or 16 bits"},
};

class TiffTest : public VariantTest, public ::testing::WithParamInterface<Variant> {};

TEST_P(TiffTest, IsSeenAsElsewhereOrRefused)
{
    expect_answer(GetParam());
}

class HalfTiffTest : public TiffTest {};

TEST_P(HalfTiffTest, IsAnswered)
{
    ASSERT_TRUE(shell(GetParam().maker, dir_ / GetParam().name));
    expect_half_is_answered(dir_ / GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(Kinds, HalfTiffTest, ::testing::ValuesIn(halvable(k_tiffs, {"pages.tif"})), name_of<Variant>);
INSTANTIATE_TEST_SUITE_P(Kinds, TiffTest, ::testing::ValuesIn(k_tiffs), name_of<Variant>);

/// An uncompressed RGB TIFF whose directory stands in front of its strips of ten rows.
std::string directory_first(const cv::Mat& bgr)
{
    cv::Mat rgb;
    cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
    const auto little = [](std::size_t n, int bytes) {
        std::string out;
        for (int i = 0; i < bytes; ++i, n >>= 8) {
            out += static_cast<char>(n & 0xFF);
        }
        return out;
    };
    const std::size_t strips = static_cast<std::size_t>(rgb.rows) / 10;
    const std::size_t strip = rgb.step * 10;
    const std::size_t arrays = 8 + 2 + 9 * 12 + 4;
    const std::size_t pixels = arrays + 8 * strips;
    const auto columns = static_cast<std::size_t>(rgb.cols);
    const auto rows = static_cast<std::size_t>(rgb.rows);
    const std::vector<std::array<std::size_t, 3>> entries{
        {256, 1, columns}, {257, 1, rows}, {258, 1, 8},
        {259, 1, 1},       {262, 1, 2},    {273, strips, arrays},
        {277, 1, 3},       {278, 1, 10},   {279, strips, arrays + 4 * strips}};
    std::string file = "II*" + std::string(1, '\0') + little(8, 4) + little(entries.size(), 2);
    for (const auto& [tag, count, value] : entries) {
        file += little(tag, 2) + little(4, 2) + little(count, 4) + little(value, 4);
    }
    file += little(0, 4);
    for (std::size_t i = 0; i < strips; ++i) {
        file += little(pixels + i * strip, 4);
    }
    for (std::size_t i = 0; i < strips; ++i) {
        file += little(strip, 4);
    }
    return file + std::string(reinterpret_cast<const char*>(rgb.data), strip * strips);
}

TEST_F(VariantTest, ATiffWhoseDirectoryStandsInFrontIsSalvagedStripByStrip)
{
    const std::string bytes = directory_first(small_photograph());
    EXPECT_EQ(difference(pixels(prepare(as_it_is(file("whole.tif", bytes)))), small_photograph()), 0);
    auto request = as_it_is(file("cut.tif", bytes.substr(0, bytes.size() - 10'000)));
    EXPECT_NE(refusal(dir_ / "cut.tif").find("damaged"), std::string::npos) << refusal(dir_ / "cut.tif");
    request.lenient = true;

    const Still still = prepare(request);

    EXPECT_TRUE(mentions(still.warnings, "only 7 of its 10 strips"));
    EXPECT_EQ(difference(pixels(still).rowRange(0, 70), small_photograph().rowRange(0, 70)), 0);
    EXPECT_EQ(pixels(still).at<cv::Vec3b>(99, 5), cv::Vec3b::all(128));
}

} // namespace
} // namespace longtake::test
