// The world's formats, made by other programs and compared with what ImageMagick sees in the same file.
#include "tests/stages/prepare/variants.h"

#include <lcms2.h>

#include <array>
#include <cmath>
#include <cstdlib>

namespace longtake::test {
namespace {

using ProfileText = std::string;

ProfileText saved(cmsHPROFILE profile)
{
    cmsUInt32Number length = 0;
    cmsSaveProfileToMem(profile, nullptr, &length);
    ProfileText text(length, '\0');
    cmsSaveProfileToMem(profile, text.data(), &length);
    cmsCloseProfile(profile);
    return text;
}

ProfileText rgb_profile(const cmsCIExyYTRIPLE& primaries, double gamma)
{
    const cmsCIExyY d65{0.3127, 0.3290, 1};
    cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
    std::array<cmsToneCurve*, 3> curves{curve, curve, curve};
    ProfileText text = saved(cmsCreateRGBProfile(&d65, &primaries, curves.data()));
    cmsFreeToneCurve(curve);
    return text;
}

ProfileText grey_profile(double gamma)
{
    const cmsCIExyY d50{0.3457, 0.3585, 1};
    cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
    ProfileText text = saved(cmsCreateGrayProfile(&d50, curve));
    cmsFreeToneCurve(curve);
    return text;
}

/// Inks that are not ideal: warm paper black, cyan that is partly green.
int print(const cmsUInt16Number* cmyk, cmsUInt16Number* lab, void* /*unused*/)
{
    const auto ink = [&](int i) { return cmyk[i] / 65535.0; };
    cmsCIELab colour;
    colour.L = 96 * (1 - 0.35 * ink(0)) * (1 - 0.45 * ink(1)) * (1 - 0.1 * ink(2)) * (1 - 0.85 * ink(3));
    const double left = 1 - ink(3);
    colour.a = left * (-35 * ink(0) + 70 * ink(1) - 5 * ink(2)) + 2;
    colour.b = left * (-45 * ink(0) - 5 * ink(1) + 90 * ink(2)) + 3;
    cmsFloat2LabEncodedV2(lab, &colour);
    return 1;
}

ProfileText cmyk_profile()
{
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
    cmsSetDeviceClass(profile, cmsSigOutputClass);
    cmsSetColorSpace(profile, cmsSigCmykData);
    cmsSetPCS(profile, cmsSigLabData);
    cmsSetProfileVersion(profile, 2.1);
    cmsPipeline* pipeline = cmsPipelineAlloc(nullptr, 4, 3);
    cmsStage* table = cmsStageAllocCLut16bit(nullptr, 9, 4, 3, nullptr);
    cmsStageSampleCLut16bit(table, print, nullptr, 0);
    cmsPipelineInsertStage(pipeline, cmsAT_BEGIN, table);
    for (const auto tag : {cmsSigAToB0Tag, cmsSigAToB1Tag}) {
        cmsWriteTag(profile, tag, pipeline);
    }
    cmsPipelineFree(pipeline);
    return saved(profile);
}

constexpr const char* k_with_alpha = R"(convert "$IN" \( -size 600x400 gradient: -negate \) -alpha off )"
                                     R"(-compose CopyOpacity -composite )";

const Variant k_variants[] = {
    {"baseline.jpg", "convert $IN -quality 95 $OUT"},
    {"whole-chroma.jpg", "convert $IN -sampling-factor 4:4:4 -quality 95 $OUT"},
    {"wide-chroma.jpg", "convert $IN -sampling-factor 4:2:2 -quality 95 $OUT"},
    {"progressive.jpg", "convert $IN -interlace JPEG -quality 95 $OUT"},
    {"grey.jpg", "convert $IN -colorspace Gray -quality 95 $OUT"},
    {"grey-gamma.jpg", "convert $IN -colorspace Gray -profile $GREY -quality 95 $OUT", "converted to sRGB"},
    {"p3.jpg", "convert $IN -profile $P3 -quality 95 $OUT", "converted to sRGB"},
    {"adobe.jpg", "convert $IN -profile $ADOBE -quality 95 $OUT", "converted to sRGB"},
    {"adobe-progressive.jpg", "convert $IN -profile $ADOBE -interlace JPEG -quality 95 $OUT", "converted to sRGB"},
    {"cmyk.jpg", "convert $IN -colorspace CMYK -quality 95 $OUT", "CMYK without"},
    {"cmyk-profile.jpg", "convert $IN -colorspace CMYK -profile $CMYK -quality 95 $OUT", "converted to sRGB"},
    {"more-pictures.jpg", "convert $IN $OUT && convert $IN -negate $OUT.2.jpg && cat $OUT.2.jpg >>$OUT"},
    {"deep.png", "convert $IN -blur 0x2 -depth 16 PNG48:$OUT", "from 16 to 8"},
    {"deep-p3.png", "convert $IN -blur 0x2 -profile $P3 -depth 16 PNG48:$OUT", "converted to sRGB"},
    {"deep-grey.png", "convert $IN -blur 0x2 -colorspace Gray -depth 16 $OUT"},
    {"deep-alpha.png", "$ALPHA -depth 16 PNG64:$OUT", "alpha flattened"},
    {"alpha.png", "$ALPHA PNG32:$OUT", "alpha flattened"},
    {"grey-alpha.png", "$ALPHA -colorspace Gray $OUT", "alpha flattened"},
    {"alpha-adobe.png", "$ALPHA -profile $ADOBE PNG32:$OUT", "converted to sRGB"},
    {"adobe.png", "convert $IN -profile $ADOBE $OUT", "converted to sRGB"},
    {"palette.png", "convert $IN -colors 64 PNG8:$OUT"},
    {"palette-clear.png", "convert $IN -colors 64 -transparent '#000000' PNG8:$OUT"},
    {"two-bits.png", "convert $IN -colorspace Gray -depth 2 $OUT"},
    {"bitmap.png", "convert $IN -monochrome $OUT"},
    {"interlaced.png", "convert $IN -interlace PNG $OUT"},
    {"animated.png", "ffmpeg -nostdin -v error -y -loop 1 -t 0.2 -i $IN -f apng -pix_fmt rgb24 $OUT", "animated"},
    {"lossy.webp", "convert $IN -quality 90 $OUT"},
    {"lossless.webp", "convert $IN -define webp:lossless=true $OUT"},
    {"alpha.webp", "$ALPHA -define webp:lossless=true $OUT", "alpha flattened"},
    {"p3.webp", "convert $IN -profile $P3 -define webp:lossless=true $OUT", "converted to sRGB"},
    {"plain.tif", "convert $IN -compress None $OUT"},
    {"lzw.tif", "convert $IN -compress LZW $OUT"},
    {"deflate.tif", "convert $IN -compress Zip $OUT"},
    {"deep.tif", "convert $IN -depth 16 -compress Zip $OUT", "from 16 to 8"},
    {"deep-adobe.tif", "convert $IN -profile $ADOBE -depth 16 $OUT", "converted to sRGB"},
    {"big-endian.tif", "convert $IN -depth 16 -endian MSB $OUT"},
    {"planar.tif", "convert $IN -interlace plane $OUT"},
    {"tiled.tif", "convert $IN -define tiff:tile-geometry=128x96 $OUT"},
    {"palette.tif", "convert $IN -colors 64 -type Palette $OUT"},
    {"jpeg.tif", "convert $IN -compress JPEG -quality 95 $OUT"},
    {"fax.tif", "convert $IN -monochrome -compress Group4 $OUT"},
    {"grey.tif", "convert $IN -colorspace Gray -depth 16 $OUT"},
    {"white-is-zero.tif", "convert $IN -colorspace Gray -define quantum:polarity=min-is-white $OUT"},
    {"alpha.tif", "$ALPHA $OUT", "alpha flattened"},
    {"alpha-multiplied.tif", "$ALPHA -define tiff:alpha=associated $OUT", "alpha flattened"},
    {"cmyk.tif", "convert $IN -colorspace CMYK -profile $CMYK $OUT", "converted to sRGB"},
    {"cmyk-deep.tif", "convert $IN -colorspace CMYK -profile $CMYK -depth 16 $OUT", "converted to sRGB"},
    {"still.gif", "convert $IN $OUT"},
    {"animated.gif", "convert $IN \\( $IN -negate \\) -loop 0 $OUT", "animated"},
    {"clear.gif", "convert $IN -transparent '#000000' $OUT"},
    {"plain.bmp", "convert $IN BMP3:$OUT"},
    {"palette.bmp", "convert $IN -colors 64 -type Palette BMP3:$OUT"},
    {"plain.ppm", "convert $IN $OUT"},
    {"deep.ppm", "convert $IN -depth 16 $OUT"},
    {"plain.pgm", "convert $IN -colorspace Gray $OUT"},
    {"bitmap.pbm", "convert $IN -monochrome $OUT"},
    {"plain.jp2", "convert $IN -quality 60 $OUT"},
    {"phone.heic", "heif-enc -q 90 $IN -o $OUT"},
    {"p3.heic", "convert $IN -profile $P3 $OUT.png && heif-enc -q 90 $OUT.png -o $OUT", "converted to sRGB"},
    {"plain.avif", "heif-enc -A -q 90 $IN -o $OUT"},
    {"deep.avif", "ffmpeg -nostdin -v error -y -i $IN -c:v libaom-av1 -still-picture 1 -cpu-used 8 -crf 8 "
                  "-vf scale=out_color_matrix=bt709 -colorspace bt709 -pix_fmt yuv444p10le $OUT"},
};

class World : public PrepareTest, public ::testing::WithParamInterface<Variant> {
protected:
    void SetUp() override
    {
        const cmsCIExyYTRIPLE p3{{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
        const cmsCIExyYTRIPLE adobe{{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}};
        shell_ = "export MAGICK_THREAD_LIMIT=1 IN=" + photo("coffee.png").string();
        name("P3", file("p3.icc", rgb_profile(p3, 2.2)));
        name("ADOBE", file("adobe.icc", rgb_profile(adobe, 563 / 256.0)));
        name("GREY", file("grey.icc", grey_profile(1.8)));
        name("CMYK", file("cmyk.icc", cmyk_profile()));
        name("SRGB", file("srgb.icc", saved(cmsCreate_sRGBProfile())));
        name("OUT", dir_ / GetParam().name);
        name("REF", dir_ / "reference.png");
        if (!runs("command -v convert")) {
            GTEST_SKIP() << "ImageMagick is not installed";
        }
    }
    void name(const std::string& variable, const std::filesystem::path& value)
    {
        shell_ += " " + variable + "=" + value.string();
    }
    bool make()
    {
        std::string maker = GetParam().maker;
        if (maker.starts_with("$ALPHA")) {
            maker.replace(0, 6, k_with_alpha);
        }
        return shell(maker);
    }
    bool shell(const std::string& command) { return runs(shell_ + "; " + command); }

    std::string shell_;
};

TEST_P(World, LooksAsItDoesElsewhere)
{
    if (!make()) {
        GTEST_SKIP() << "nothing here makes " << GetParam().name;
    }
    // ImageMagick's HEIC reader drops the profile: there, what was encoded is the reference.
    if (!shell("if [ -e $OUT.png ]; then OUT=$OUT.png; fi; convert \"$OUT[0]\" -auto-orient -intent relative "
               "-black-point-compensation -profile $SRGB "
               "-colorspace sRGB -background white -alpha remove -depth 8 PNG24:$REF")) {
        GTEST_SKIP() << "ImageMagick does not read " << GetParam().name;
    }
    auto request = request_for(dir_ / GetParam().name, {}, Fit::crop);
    request.rules.formats = {"png"};

    const Still still = prepare(request);

    const cv::Mat reference = cv::imread((dir_ / "reference.png").string());
    cv::Mat seen = cv::imread(still.file.string(), cv::IMREAD_COLOR);
    EXPECT_LT(mean_delta_e(seen, reference), 1.5);
    EXPECT_EQ(stages::picture_size(dir_ / GetParam().name), (Size{600, 400}));
    EXPECT_TRUE(*GetParam().says == '\0' || mentions(still.actions, GetParam().says) ||
                mentions(still.warnings, GetParam().says));
    RecordProperty("mean_delta_e", std::to_string(mean_delta_e(seen, reference)));
}

TEST_P(World, BrokenOffItIsRefused)
{
    if (!make()) {
        GTEST_SKIP() << "nothing here makes " << GetParam().name;
    }
    const std::string name = GetParam().name;
    const std::string whole = bytes_of(dir_ / name);
    const std::size_t first = name == "more-pictures.jpg" ? whole.size() / 2 : whole.size();
    for (const double part : {0.02, 0.4, 0.8}) {
        const auto length = static_cast<std::size_t>(static_cast<double>(first) * part);
        const std::string said = refusal(file("cut-" + name, whole.substr(0, length)));
        const bool animated = name.starts_with("animated") && said == "nothing was refused"; // the first was whole
        EXPECT_TRUE(animated || said.find("cut short") != said.npos || said.find("damaged") != said.npos)
            << part << ": " << said;
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, World, ::testing::ValuesIn(k_variants), name_of<Variant>);

} // namespace
} // namespace longtake::test
