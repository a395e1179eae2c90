// WebP, HEIC, AVIF, GIF, BMP, JPEG 2000 and PNM.
#include "tests/stages/prepare/variants.h"

namespace longtake::test {
namespace {

const Variant k_others[] = {
    {"poor.webp", "cwebp -quiet -q 5 $IN -o $OUT"},
    {"sharp.webp", "cwebp -quiet -sharp_yuv -q 90 $IN -o $OUT"},
    {"near.webp", "cwebp -quiet -near_lossless 40 $IN -o $OUT"},
    {"lossy-alpha.webp",
     "convert $IN -alpha set -channel A -evaluate set 60% x.png && cwebp -quiet -q 90 x.png -o $OUT",
     "alpha flattened"},
    {"animated.webp", "convert $IN -negate n.png && img2webp -lossless -d 100 $IN n.png -o $OUT", "animated"},
    {"extra-chunks.webp", "cwebp -quiet -metadata all -q 90 $IN -o x.webp && "
                          "webpmux -set xmp $IN x.webp -o $OUT"},
    {"alpha.heic", "convert $IN -alpha set -channel A -evaluate set 60% $OUT.png && heif-enc -q 95 $OUT.png -o $OUT",
     "alpha"},
    {"lossless.heic", "heif-enc -L -p chroma=444 $IN -o $OUT"},
    {"deep.heic", "convert $IN -depth 16 PNG48:x.png && heif-enc -b 10 -q 95 x.png -o $OUT", "from 10 to 8"},
    {"alpha.avif", "convert $IN -alpha set -channel A -evaluate set 60% $OUT.png && heif-enc -A -q 95 $OUT.png -o $OUT",
     "alpha"},
    {"whole-chroma.avif", "cp $IN $OUT.png && heif-enc -A -q 95 -p chroma=444 $IN -o $OUT"},
    {"deep.avif", "convert $IN -depth 16 PNG48:x.png && heif-enc -A -b 12 -q 95 x.png -o $OUT", "from 12 to 8"},
    {"grey.gif", "convert $IN -colorspace Gray $OUT"},
    {"interlaced.gif", "convert $IN -interlace GIF $OUT"},
    {"two-colours.gif", "convert $IN -monochrome $OUT"},
    {"clear.gif", "convert $IN -fuzz 20% -transparent '#402010' $OUT"},
    {"gif87.gif", "convert $IN GIF87:$OUT"},
    {"animated.gif", "convert $IN \\( $IN -negate \\) $OUT", "animated"},
    {"comment.gif", "convert $IN -set comment 'some words' $OUT"},
    {"rle-8.bmp", "convert $IN -colors 200 -type Palette -compress RLE BMP3:$OUT"},
    {"four-bits.bmp", "convert $IN -colors 16 -type Palette BMP3:$OUT"},
    {"one-bit.bmp", "convert $IN -monochrome BMP3:$OUT"},
    {"grey.bmp", "convert $IN -colorspace Gray BMP3:$OUT"},
    {"565.bmp", "ffmpeg -v error -i $IN -pix_fmt rgb565le $OUT"},
    {"555.bmp", "ffmpeg -v error -i $IN -pix_fmt rgb555le $OUT"},
    {"thirty-two.bmp", "ffmpeg -v error -i $IN -pix_fmt bgra $OUT"},
    {"alpha.bmp", "convert $IN -alpha set -channel A -evaluate set 60% BMP:$OUT"},
    {"os2.bmp", "convert $IN BMP2:$OUT"},
    {"lossless.jp2", "convert $IN -quality 100 $OUT"},
    {"grey.jp2", "convert $IN -colorspace Gray -quality 60 $OUT"},
    {"code.j2k", "convert $IN -quality 60 $OUT"},
    {"tiles.jp2", "vips jp2ksave $IN $OUT --lossless --tile-width 64 --tile-height 64"},
    {"words.ppm", "convert $IN -compress None $OUT"},
    {"words.pgm", "convert $IN -colorspace Gray -compress None $OUT"},
    {"words.pbm", "convert $IN -monochrome -compress None $OUT"},
    {"bits.pbm", "convert $IN -monochrome $OUT"},
    {"deep.pgm", "convert $IN -colorspace Gray -depth 16 $OUT"},
    {"comment.ppm", "convert $IN x.ppm && { printf 'P6\\n# words\\n'; tail -c +4 x.ppm; } >$OUT"},
    {"map.pam", "convert $IN $OUT", "", "not a picture"},
    {"drawing.svg", "echo '<svg xmlns=\"http://www.w3.org/2000/svg\"/>' >$OUT", "", "SVG"},
    {"document.pdf", "convert $IN $OUT || printf '%%PDF-1.4' >$OUT", "", "PDF"},
    {"layers.psd", "convert $IN $OUT", "", "Photoshop"},
    {"range.exr", "printf '\\166\\057\\061\\001' >$OUT", "", "high-dynamic-range"},
    {"icon.ico", "convert $IN -resize 32x32! $OUT", "", "not a picture"},
    {"targa.tga", "convert $IN $OUT", "", "not a picture"},
    {"film.mp4", "ffmpeg -v error -i $IN -pix_fmt yuv420p -c:v libx264 $OUT", "", "'clip'"},
};

class OtherFormatsTest : public VariantTest, public ::testing::WithParamInterface<Variant> {};

TEST_P(OtherFormatsTest, IsSeenAsElsewhereOrRefused)
{
    expect_answer(GetParam());
}

class HalfOtherFormatsTest : public OtherFormatsTest {};

TEST_P(HalfOtherFormatsTest, IsAnswered)
{
    ASSERT_TRUE(shell(GetParam().maker, dir_ / GetParam().name));
    expect_half_is_answered(dir_ / GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(Kinds, HalfOtherFormatsTest,
                         ::testing::ValuesIn(halvable(k_others, {"animated.gif", "animated.webp"})), name_of<Variant>);
INSTANTIATE_TEST_SUITE_P(Kinds, OtherFormatsTest, ::testing::ValuesIn(k_others), name_of<Variant>);

/// The upright quarters as they lie in a file with this EXIF orientation, by ImageMagick.
constexpr const char* k_turned[] = {
    "", "", "-flop", "-rotate 180", "-flip", "-transpose", "-rotate -90", "-transverse", "-rotate 90"};

struct Turned {
    std::string name;
    int orientation;
};

std::vector<Turned> all_turned()
{
    std::vector<Turned> all;
    for (const char* kind : {"jpg", "png", "webp", "tif"}) {
        for (int orientation = 1; orientation <= 8; ++orientation) {
            all.push_back({kind, orientation});
        }
    }
    return all;
}

class TurnedByExifTest : public VariantTest, public ::testing::WithParamInterface<Turned> {};

TEST_P(TurnedByExifTest, IsUprightInTheEnd)
{
    const auto& [kind, orientation] = GetParam();
    const cv::Mat upright = quarters(120, 80);
    file("up.png", upright);
    const auto made = dir_ / ("turned." + kind);
    ASSERT_TRUE(shell(std::string("convert up.png ") + k_turned[orientation] +
                          " +repage -quality 95 -define webp:lossless=true $OUT && exiftool -q -n -overwrite_original "
                          "-IFD0:Orientation=" +
                          std::to_string(orientation) + " -GPSLatitude=52 -GPSLatitudeRef=N $OUT",
                      made));

    const Still still = prepare(as_it_is(made));

    EXPECT_LT(difference(pixels(still), upright), 2) << orientation;
    EXPECT_EQ(stages::picture_size(made), (Size{120, 80}));
    EXPECT_EQ(mentions(still.actions, "turned upright"), orientation != 1);
    EXPECT_TRUE(runs("test -z \"$(exiftool -gps:all " + still.file.string() + ")\"")) << "the place is gone";
}

INSTANTIATE_TEST_SUITE_P(AllEight, TurnedByExifTest, ::testing::ValuesIn(all_turned()), [](const auto& tested) {
    return tested.param.name + "_" + std::to_string(tested.param.orientation);
});

} // namespace
} // namespace longtake::test
