#include "pipeline/av/picture/picture_reader.h"

#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/base/files.h"
#include "tests/support/clips.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cmath>

namespace longtake {
namespace {

class PictureReaderTest : public ::testing::Test {
protected:
    static cv::Vec3b rgb_at(const av::Frame& picture, int x, int y)
    {
        const std::uint8_t* p = picture.plane(0) + y * picture.stride(0) + 3 * x;
        return {p[0], p[1], p[2]};
    }

    static cv::Mat mat(const av::Frame& picture)
    {
        return {picture.size().height, picture.size().width, CV_8UC3, picture.plane(0),
                static_cast<std::size_t>(picture.stride(0))};
    }

    /// A clip of one colour given as RGB, encoded losslessly with the tags of `options`.
    std::string flat(const std::string& name, const std::string& colour, const std::string& filter,
                     const std::string& options)
    {
        test::ffmpeg(fmt::format("-f lavfi -i color=0x{}:size=64x48:rate=24:duration=0.25,format=rgb24,{} "
                                 "-c:v libx264 -qp 0 {} {}",
                                 colour, filter, options, (dir_ / name).string()));
        return dir_ / name;
    }

    test::TempDir dir_;
};

TEST_F(PictureReaderTest, TheLastPictureOfAClipWithReorderedFramesIsTheLastShown)
{
    for (const int frames : {1, 2, 3, 39, 40, 121}) {
        const auto clip = dir_ / "c.mp4";
        test::ffmpeg(fmt::format("-f lavfi -i \"color=black:size=64x48:rate=24:duration=10,"
                                 "geq=lum=40+N:cb=128:cr=128\" -frames:v {} -c:v libx264 -qp 4 -bf 3 -b_strategy 0 "
                                 "-g 250 -colorspace bt709 {}",
                                 frames, clip.string()));
        const double expected = (40 + frames - 1 - 16) * 255.0 / 219;
        EXPECT_NEAR(rgb_at(av::last_picture(clip), 32, 24)[1], expected, 2) << frames;
    }
}

TEST_F(PictureReaderTest, FramesCutAwayByAnEditListAreNotShown)
{
    const auto clip = test::write_counting_clip(dir_ / "c.mp4", {.frames = 48, .size = {64, 48}, .rate = {24, 1}});
    // Stream copy: the frames stay in the file, the edit list hides them.
    test::ffmpeg("-ss 0.5 -t 1 -i " + clip.string() + " -c copy " + (dir_ / "cut.mp4").string());
    av::PictureReader reader(dir_ / "cut.mp4");
    const auto first = reader.next();
    EXPECT_NEAR(rgb_at(*first, 32, 24)[1], (40 + 2 * 12 - 16) * 255.0 / 219, 3);
    av::Frame last = first->share();
    int frames = 1;
    for (; auto picture = reader.next(); ++frames) {
        last = std::move(*picture);
    }
    EXPECT_LT(frames, 30) << "of the 36 that follow in the file";
    EXPECT_EQ(cv::norm(mat(av::last_picture(dir_ / "cut.mp4")), mat(last), cv::NORM_INF), 0);
}

TEST_F(PictureReaderTest, ColoursComeBackThroughTheirOwnMatrixAndRange)
{
    const cv::Vec3b orange{220, 120, 40};
    const auto check = [&](const std::string& clip, const char* what) {
        const cv::Vec3b got = rgb_at(av::last_picture(clip), 32, 24);
        for (int i = 0; i < 3; ++i) {
            EXPECT_NEAR(got[i], orange[i], 2) << what << " channel " << i;
        }
    };
    check(flat("709.mp4", "dc7828", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-colorspace bt709"),
          "bt709");
    check(
        flat("601.mp4", "dc7828", "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p", "-colorspace smpte170m"),
        "bt601");
    check(flat("small.mp4", "dc7828", "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p", ""),
          "untagged and small");
    check(flat("full.mp4", "dc7828", "scale=out_color_matrix=bt709:out_range=pc,format=yuvj420p",
               "-colorspace bt709 -color_range pc"),
          "full range");
    check(flat("big.mp4", "dc7828", "scale=1280:720:out_color_matrix=bt709:out_range=tv,format=yuv420p", ""),
          "untagged and large");
}

TEST_F(PictureReaderTest, ChromaStandsWhereItBelongs)
{
    // Chroma rising from left to right: a sample sited left, at column 2i, holds the value of that column.
    constexpr Size k_size{128, 32};
    av::MediaSpec spec;
    spec.size = k_size;
    spec.rate = {24, 1};
    spec.video.codec = "h264";
    spec.video.encoder = "libx264";
    spec.video.crf = 0;
    spec.video.encoder_preset = "fast";
    const av::Frame frame = av::Frame::plain(k_size, 126, 128, 128);
    for (int y = 0; y < k_size.height / 2; ++y) {
        for (int i = 0; i < k_size.width / 2; ++i) {
            frame.plane(2)[y * frame.stride(2) + i] = static_cast<std::uint8_t>(64 + 2 * i);
        }
    }
    {
        av::MediaWriter writer(dir_ / "c.mp4", spec);
        writer.write(frame);
        writer.finish();
    }
    const av::Frame picture = av::last_picture(dir_ / "c.mp4");
    double error = 0;
    for (int x = 20; x < 108; ++x) {
        const double cr = 64.0 + x; // 2 i at column 2 i
        const double red = (126 - 16) * 255.0 / 219 + 1.5748 * (cr - 128) * 255.0 / 224;
        error += rgb_at(picture, x, 16)[0] - std::clamp(red, 0.0, 255.0);
    }
    EXPECT_LT(std::abs(error / 88), 0.4) << "half a pixel off would be 0.9";
}

TEST_F(PictureReaderTest, AnamorphicAndTurnedPicturesAreShownAsTheyAreSeen)
{
    flat("wide.mp4", "808080", "setsar=4/3,format=yuv420p", "");
    EXPECT_EQ(av::last_picture(dir_ / "wide.mp4").size(), (Size{85, 48}));
    flat("plain.mp4", "808080", "format=yuv420p", "");
    test::ffmpeg("-i " + (dir_ / "plain.mp4").string() + " -c copy -metadata:s:v rotate=90 " +
                 (dir_ / "turned.mp4").string());
    EXPECT_EQ(av::last_picture(dir_ / "turned.mp4").size(), (Size{48, 64}));
    EXPECT_EQ(av::PictureReader(dir_ / "turned.mp4", 0, Size{12, 16}).next()->size(), (Size{12, 16}));
}

TEST_F(PictureReaderTest, StartsAtAFrameByItsNumber)
{
    const auto clip = test::write_counting_clip(dir_ / "c.mp4", {.frames = 90, .rate = {30000, 1001}, .step = 2});
    for (const int first : {0, 1, 31, 89}) {
        const auto picture = av::PictureReader(clip, first, Size{16, 12}).next();
        ASSERT_TRUE(picture) << first;
        EXPECT_NEAR(rgb_at(*picture, 8, 6)[1], (40 + 2 * first - 16) * 255.0 / 219, 2) << first;
    }
}

TEST_F(PictureReaderTest, PicturesAreWrittenAndReadBack)
{
    const auto photo = cv::imread(std::string(LONGTAKE_SOURCE_DIR) + "/tests/data/photos/chelsea.png");
    av::PictureReader reader(std::string(LONGTAKE_SOURCE_DIR) + "/tests/data/photos/chelsea.png");
    const auto picture = reader.next();
    write_atomic(dir_ / "p.png", av::encode_png(*picture));
    cv::Mat back = cv::imread(dir_ / "p.png");
    EXPECT_EQ(cv::norm(back, photo, cv::NORM_INF), 0);
    write_atomic(dir_ / "p.jpg", av::encode_jpeg(*picture, 1));
    back = cv::imread(dir_ / "p.jpg");
    EXPECT_EQ(back.size(), photo.size());
    EXPECT_GT(cv::PSNR(back, photo), 45) << "whole chroma, finest quantiser";
}

} // namespace
} // namespace longtake
