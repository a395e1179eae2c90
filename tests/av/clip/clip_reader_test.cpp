#include "pipeline/av/clip/clip_reader.h"

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace longtake::av {
namespace {

/// Kinds of pictures as people bring them, read for a film.
class ClipReaderTest : public ::testing::Test {
protected:
    std::string made(const std::string& name, const std::string& options)
    {
        test::ffmpeg(options + " '" + (dir_ / name).string() + "'");
        return (dir_ / name).string();
    }

    /// Y, Cb, Cr of a 4:2:0 picture.
    static std::array<int, 3> code(const Frame& frame, int x, int y)
    {
        return {frame.plane(0)[y * frame.stride(0) + x], frame.plane(1)[y / 2 * frame.stride(1) + x / 2],
                frame.plane(2)[y / 2 * frame.stride(2) + x / 2]};
    }

    static Frame first(const std::string& file, Conform conform)
    {
        ConformedReader reader(file, conform);
        return std::move(*reader.next());
    }

    test::TempDir dir_;
};

constexpr const char* k_bars =
    "-f lavfi -i smptebars=s=320x180:r=25:d=0.2 -vf \"scale=out_color_matrix=bt709:out_range=tv,"
    "format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv";

/// Bars in SDR, put where BT.2408 puts SDR's white, come back as they were.
TEST_F(ClipReaderTest, BarsComeBackFromHighDynamicRange)
{
    const std::string sdr = made("sdr.mp4", std::string(k_bars) + "\" -c:v libx264 -crf 1");
    // In 12 bits: a step of PQ in 10 is more than 6 code values in the darkest channel of a saturated colour.
    for (const std::string transfer : {"arib-std-b67", "smpte2084"}) {
        const std::string hdr =
            made(transfer + ".mkv",
                 std::string(k_bars) + ",zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020:t=" + transfer +
                     ":m=2020_ncl:r=tv:npl=203,format=yuv420p12le\" -c:v ffv1 -color_primaries bt2020 "
                     "-colorspace bt2020nc -color_range tv -color_trc " +
                     transfer);
        const Conform conform{{320, 180}, Rate{25, 1}, Fit::pad};
        const Frame wanted = first(sdr, conform);
        const Frame seen = first(hdr, conform);
        for (const int x : {20, 66, 112, 160, 204, 250, 296}) {
            const auto a = code(wanted, x, 60);
            const auto b = code(seen, x, 60);
            for (std::size_t i = 0; i < 3; ++i) {
                EXPECT_NEAR(a[i], b[i], 6) << transfer << ", bar at " << x << ", channel " << i;
            }
        }
    }
}

/// A gradient from black to ten times white rises without a step, and stays below white.
TEST_F(ClipReaderTest, AGradientOfHighDynamicRangeShowsNoBand)
{
    const std::string gradient =
        made("gradient.mkv",
             "-f lavfi -i \"nullsrc=s=1024x64:r=25:d=0.1,format=yuv420p10le,geq=lum='64+X*700/1024':cb=512:cr=512,"
             "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv\" -c:v ffv1 "
             "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -color_range tv");
    const Frame seen = first(gradient, {{1024, 64}, Rate{25, 1}, Fit::pad});
    double before = 0;
    for (int x = 0; x + 8 <= 1024; x += 8) { // dither evens out over 8 x 64
        double sum = 0;
        for (int y = 0; y < 64; ++y) {
            for (int i = 0; i < 8; ++i) {
                sum += seen.plane(0)[y * seen.stride(0) + x + i];
            }
        }
        const double mean = sum / (8 * 64);
        EXPECT_GE(mean, before - 0.2) << x;
        EXPECT_LE(mean - before, x == 0 ? 17 : 5.5) << x;
        EXPECT_LE(mean, 235.5) << x;
        before = mean;
    }
    EXPECT_GT(before, 228);
}

/// R'G'B' of BT.709 that a screen makes of codes, 0..255: what lies outside its gamut is cut off (ITU-R BT.709-6, 3).
std::array<double, 3> shown(const std::array<int, 3>& code)
{
    const double y = (code[0] - 16) / 219.0;
    const double blue = y + 1.8556 * (code[1] - 128) / 224;
    const double red = y + 1.5748 * (code[2] - 128) / 224;
    const double green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152;
    const auto cut = [](double value) { return 255 * std::clamp(value, 0.0, 1.0); };
    return {cut(red), cut(green), cut(blue)};
}

/// Compared as they are shown: on an AMD EPYC ffmpeg's zscale leaves green below nothing in the codes, which this
/// conversion cuts off. Luma is 26 beside 53 then, and the red the same.
TEST_F(ClipReaderTest, WidePrimariesAreConvertedNotRelabelled)
{
    const std::string red =
        made("red.mov", "-f lavfi -i color=0xc02020:s=64x64:r=25:d=0.2 -vf \"scale=out_color_matrix=bt709,"
                        "format=yuv420p,setparams=color_primaries=smpte432:color_trc=bt709:"
                        "colorspace=bt709:range=tv\" -c:v libx264 -crf 1 -color_primaries smpte432 "
                        "-color_trc bt709 -colorspace bt709");
    const std::string right = made("right.mov", "-i '" + red +
                                                    "' -vf zscale=p=bt709:t=bt709:m=709:r=tv -c:v libx264 -crf 1 "
                                                    "-color_primaries bt709 -color_trc bt709 -colorspace bt709");
    const Conform conform{{64, 64}, Rate{25, 1}, Fit::pad};
    const auto a = shown(code(first(right, conform), 32, 32));
    const auto b = shown(code(first(red, conform), 32, 32));
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(a[i], b[i], 4) << i;
    }
    EXPECT_GT(b[0], 0xc0 + 6); // redder than its code says
}

/// Chroma of 4:1:1 and 4:1:0 whose last sample is shared by fewer columns or rows than the others.
TEST_F(ClipReaderTest, WidePrimariesAreConvertedWhateverTheChroma)
{
    const auto brown = [&](const std::string& format, const std::string& size) {
        return first(made(format + size + ".mkv", "-f lavfi -i color=0x804020:s=" + size + ":r=25:d=0.1 -pix_fmt " +
                                                      format + " -c:v ffv1 -color_primaries bt2020"),
                     {{64, 48}, Rate{25, 1}, Fit::crop});
    };
    const std::array<int, 3> wanted = code(brown("yuv444p", "64x48"), 32, 24);
    for (const std::string format : {"yuv411p", "yuv410p", "yuv420p"}) {
        const std::array<int, 3> got = code(brown(format, "63x47"), 32, 24);
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_NEAR(got[i], wanted[i], 2) << format << " " << i;
        }
    }
}

/// ProRes has them as bytes in each frame's header (SMPTE RDD 36, 6.1.1), which its decoder passes on.
TEST_F(ClipReaderTest, ColourTagsOfNoStandardAreNone)
{
    const std::string file = made("tags.mov", "-f lavfi -i color=0x804020:s=64x48:r=25:d=0.1 -c:v prores_ks");
    const Conform conform{{64, 48}, Rate{25, 1}, Fit::crop};
    const std::array<int, 3> untagged = code(first(file, conform), 32, 24);
    std::ifstream in(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    for (std::size_t at = bytes.find("icpf"); at != std::string::npos; at = bytes.find("icpf", at + 1)) {
        bytes[at + 18] = 115; // primaries
        bytes[at + 19] = 99;  // transfer
    }
    std::ofstream(file, std::ios::binary) << bytes;
    EXPECT_EQ(code(first(file, conform), 32, 24), untagged);
}

TEST_F(ClipReaderTest, WhatIsTransparentLiesOnTheBackground)
{
    for (const auto& [name, codec] : std::vector<std::pair<std::string, std::string>>{
             {"clear9.webm", "-c:v libvpx-vp9 -pix_fmt yuva420p -auto-alt-ref 0"},
             {"clear8.webm", "-c:v libvpx -pix_fmt yuva420p -auto-alt-ref 0 -b:v 1M"},
             {"clear.mov", "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le"},
             {"rle.mov", "-c:v qtrle -pix_fmt argb"}}) {
        const std::string clear = made(name, "-f lavfi -i color=white@0.0:s=64x64:r=25:d=0.2,format=rgba " + codec);
        Conform conform{{64, 64}, Rate{25, 1}, Fit::pad};
        EXPECT_NEAR(code(first(clear, conform), 32, 32)[0], 16, 3) << name;
        conform.background = "#20c040";
        const auto green = code(first(clear, conform), 32, 32);
        EXPECT_NEAR(green[0], 140, 4) << name; // 16 + 219 (0.2126 * 32 + 0.7152 * 192 + 0.0722 * 64) / 255
        EXPECT_LT(green[1], 110) << name;
        EXPECT_LT(green[2], 90) << name;
    }
}

/// Pictures change when the file says.
TEST_F(ClipReaderTest, EachPictureOfAGifStandsAsLongAsItSays)
{
    for (int i = 0; i < 3; ++i) {
        made("p" + std::to_string(i) + ".png", "-f lavfi -i color=0x" +
                                                   std::string(i == 0   ? "202020"
                                                               : i == 1 ? "808080"
                                                                        : "f0f0f0") +
                                                   ":s=64x64 -frames:v 1");
    }
    test::run("cd '" + dir_.path().string() +
              "' && convert -delay 20 p0.png -delay 20 p1.png -delay 160 p2.png -loop 0 s.gif");
    ConformedReader reader((dir_ / "s.gif").string(), {{64, 64}, Rate{10, 1}, Fit::pad});
    std::vector<int> shown;
    while (auto frame = reader.next()) {
        shown.push_back(test::middle_luma(*frame));
    }
    ASSERT_EQ(shown.size(), 20U);
    for (std::size_t i = 1; i < shown.size(); ++i) {
        EXPECT_EQ(shown[i] != shown[i - 1], i == 2 || i == 4) << i;
    }
}

/// Fields of a bar that moves by 4 pixels a field: none is combed, and at twice the rate each field is a picture.
TEST_F(ClipReaderTest, FieldsBecomePictures)
{
    const std::string fields =
        made("fields.mp4", "-filter_complex \"color=gray:s=320x192:r=50:d=1[b];color=white:s=40x96:r=50:"
                           "d=1[w];[b][w]overlay=x='n*4':y=48,format=yuv420p,interlace=scan=tff:"
                           "lowpass=0,setfield=tff\" -c:v libx264 -crf 4 -flags +ildct+ilme "
                           "-x264-params tff=1");
    for (const int fps : {25, 50}) {
        ConformedReader reader(fields, {{320, 192}, Rate{fps, 1}, Fit::pad});
        int frames = 0;
        std::set<int> edges;
        while (auto frame = reader.next()) {
            int edge = 0; // where the bar begins in the middle row
            while (edge < 320 && frame->plane(0)[96 * frame->stride(0) + edge] < 180) {
                ++edge;
            }
            int above = 0;
            while (above < 320 && frame->plane(0)[95 * frame->stride(0) + above] < 180) {
                ++above;
            }
            EXPECT_NEAR(edge, above, 2) << fps << ", frame " << frames;
            edges.insert(edge);
            ++frames;
        }
        EXPECT_EQ(frames, fps);
        EXPECT_GE(static_cast<int>(edges.size()), fps - 6) << "pictures stand still";
    }
}

/// A frame is the same whether reading began at it or before.
TEST_F(ClipReaderTest, DeinterlacedPicturesDoNotDependOnWhereReadingBegins)
{
    const std::string fields =
        made("fields.ts", "-f lavfi -i testsrc2=s=160x96:r=50:d=2 -vf format=yuv420p,interlace=lowpass=0,"
                          "setfield=tff -c:v libx264 -g 10 -flags +ildct+ilme");
    const Conform conform{{160, 96}, Rate{25, 1}, Fit::pad};
    std::vector<Frame> all;
    ConformedReader whole(fields, conform);
    while (auto frame = whole.next()) {
        all.push_back(std::move(*frame));
    }
    ASSERT_EQ(all.size(), 50U);
    for (const int at : {1, 9, 10, 11, 33, 49}) {
        ConformedReader reader(fields, conform, at);
        const auto frame = reader.next();
        ASSERT_TRUE(frame) << at;
        int off = 0;
        for (int y = 0; y < 96; ++y) {
            for (int x = 0; x < 160; ++x) {
                off += frame->plane(0)[y * frame->stride(0) + x] !=
                       all[static_cast<std::size_t>(at)].plane(0)[y * all[static_cast<std::size_t>(at)].stride(0) + x];
            }
        }
        EXPECT_EQ(off, 0) << at;
    }
}

} // namespace
} // namespace longtake::av
