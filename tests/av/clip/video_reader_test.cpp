#include "pipeline/av/clip/video_reader.h"

#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>
#include <utility>
#include <vector>

namespace longtake {
namespace {

class VideoReaderTest : public ::testing::Test {
protected:
    test::TempDir dir_;
};

TEST_F(VideoReaderTest, ReadsEveryFrameOfAClipInOrder)
{
    av::VideoReader reader(test::write_counting_clip(dir_ / "ten.mp4"));
    int frames = 0;
    while (auto shown = reader.next()) {
        EXPECT_NEAR(test::middle_luma(shown->frame), 40 + 2 * frames, 1);
        EXPECT_NEAR(shown->seconds, frames / 30.0, 1e-4);
        ++frames;
    }
    EXPECT_EQ(frames, 10);
}

TEST_F(VideoReaderTest, ReadsAClipOfOneFrame)
{
    av::VideoReader reader(test::write_counting_clip(dir_ / "one.mp4", {.frames = 1}));
    EXPECT_TRUE(reader.next().has_value());
    EXPECT_FALSE(reader.next().has_value());
}

TEST_F(VideoReaderTest, StartsAtTheFrameShownAtATime)
{
    const auto clip = test::write_counting_clip(dir_ / "clip.mp4", {.frames = 90, .step = 1});
    for (const int start : {0, 1, 29, 30, 59, 60, 61, 89}) {
        av::VideoReader reader(clip, {.start = start / 30.0});
        const auto shown = reader.next();
        ASSERT_TRUE(shown.has_value()) << start;
        EXPECT_NEAR(test::middle_luma(shown->frame), 40 + start, 1) << start;
    }
}

/// Whatever seeking leads to: groups of pictures that lean on the one before, recovery points, containers without an
/// index, gaps in which a frame goes on being shown.
TEST_F(VideoReaderTest, StartsAtTheSameFrameHoweverAFileIsMade)
{
    const std::vector<std::pair<std::string, std::string>> kinds = {
        {"open.mp4", "-c:v libx264 -bf 3 -g 12 -x264-params open-gop=1:scenecut=0"},
        {"refresh.mp4", "-c:v libx264 -g 12 -x264-params intra-refresh=1"},
        {"closed.ts", "-c:v libx264 -bf 2 -g 12"},
        {"open.ts", "-c:v libx264 -bf 3 -g 12 -x264-params open-gop=1:scenecut=0"},
        {"open.mkv", "-c:v libx264 -bf 3 -g 12 -x264-params open-gop=1:scenecut=0"},
        {"program.mpg", "-c:v mpeg2video -q:v 2 -g 12 -bf 2"},
        {"decoding.mp4", "-c:v libx264 -bf 2 -g 12 -bsf:v setts=pts=DTS-STARTDTS:dts=DTS-STARTDTS"},
        {"hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=12:open-gop=1:bframes=4"},
        {"gaps.mp4", "-c:v libx264 -g 12 -bf 0 -fps_mode passthrough -enc_time_base 1/2400 "
                     "-vf settb=1/2400,setpts='PTS+100*4*floor(N/20)'"},
    };
    for (const auto& [name, options] : kinds) {
        test::ffmpeg("-f lavfi -i testsrc2=s=96x64:r=24:d=3 -pix_fmt yuv420p " + options + " '" +
                     (dir_ / name).string() + "'");
        std::vector<std::pair<double, std::vector<std::uint8_t>>> frames;
        const auto luma = [](const av::Frame& frame) {
            std::vector<std::uint8_t> rows; // what lies between them is the decoder's own
            for (int y = 0; y < 64; ++y) {
                const std::uint8_t* row = frame.plane(0) + static_cast<std::ptrdiff_t>(y) * frame.stride(0);
                rows.insert(rows.end(), row, row + 96);
            }
            return rows;
        };
        av::VideoReader whole(dir_ / name);
        while (auto shown = whole.next()) {
            frames.emplace_back(shown->seconds, luma(shown->frame));
        }
        ASSERT_EQ(frames.size(), 72U) << name;
        for (std::size_t i = 1; i < frames.size(); i += 5) {
            av::VideoReader reader(dir_ / name, {.start = frames[i].first});
            const auto shown = reader.next();
            ASSERT_TRUE(shown.has_value()) << name << " " << i;
            EXPECT_NEAR(shown->seconds, frames[i].first, 1e-6) << name;
            EXPECT_EQ(luma(shown->frame), frames[i].second) << name << ", frame " << i;
            const auto following = reader.next();
            ASSERT_EQ(following.has_value(), i + 1 < frames.size()) << name << " " << i;
            EXPECT_TRUE(!following || luma(following->frame) == frames[i + 1].second) << name << ", after frame " << i;
        }
    }
    // In the middle of a gap the frame before it is still shown.
    av::VideoReader reader(dir_ / "gaps.mp4", {.start = 20 / 24.0 + 0.08});
    EXPECT_NEAR(reader.next()->seconds, 19 / 24.0, 1e-3);
    EXPECT_NEAR(reader.next()->seconds, 24 / 24.0, 1e-3);
}

TEST_F(VideoReaderTest, DamageIsNotTheEnd)
{
    const auto clip = test::write_counting_clip(dir_ / "clip.mp4", {.frames = 120, .size = {320, 240}});
    const auto bytes = std::filesystem::file_size(clip);
    std::fstream file(clip, std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t at = bytes / 2; at < bytes * 3 / 4; at += 3) {
        file.seekp(static_cast<std::streamoff>(at));
        file.put('\x5a');
    }
    file.close();
    EXPECT_THROW(
        {
            av::VideoReader reader(clip);
            while (reader.next()) {
            }
        },
        Error);
}

TEST_F(VideoReaderTest, WhatFillsMpeg2UpToItsBitRateIsNoDamage)
{
    test::ffmpeg("-f lavfi -i color=gray:s=320x180:r=25:d=1 -c:v mpeg2video -b:v 8M -minrate 8M -maxrate 8M "
                 "-bufsize 2M '" +
                 (dir_ / "full.mxf").string() + "'");
    ASSERT_GT(std::filesystem::file_size(dir_ / "full.mxf"), 700'000U) << "nearly all of it is filling";
    av::VideoReader reader(dir_ / "full.mxf");
    int frames = 0;
    while (reader.next()) {
        ++frames;
    }
    EXPECT_EQ(frames, 25);
}

TEST_F(VideoReaderTest, NamesAFileThatHasNoPicture)
{
    std::ofstream(dir_ / "note.mp4") << "this is no video";
    try {
        av::VideoReader reader(dir_ / "note.mp4");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("note.mp4"), std::string::npos);
    }
}

} // namespace
} // namespace longtake
