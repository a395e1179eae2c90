#include "pipeline/av/facts.h"

#include "pipeline/base/error.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

class FactsTest : public ::testing::Test {
protected:
    FileFacts made(const std::string& name, const std::string& options)
    {
        test::ffmpeg("-f lavfi -i testsrc2=s=320x180:r=25:d=2 -f lavfi -i sine=440:r=44100:d=2 " + options + " '" +
                     (dir_ / name).string() + "'");
        return facts_of(dir_ / name);
    }

    test::TempDir dir_;
};

TEST_F(FactsTest, OfAnMp4AsFfmpegWritesIt)
{
    const FileFacts facts = made("a.mp4", "-c:v libx264 -pix_fmt yuv420p -c:a aac");
    EXPECT_EQ(facts.container, "mp4");
    EXPECT_EQ(facts.video_codec, "h264");
    EXPECT_EQ(facts.audio_codec, "aac");
    EXPECT_NEAR(facts.seconds, 2, 0.1);
    EXPECT_EQ(facts.fps, 25);
    EXPECT_EQ(facts.size, (Size{320, 180}));
    EXPECT_EQ(facts.audio_channels, 1);
    EXPECT_EQ(facts.audio_sample_rate, 44100);
    EXPECT_TRUE(facts.edit_lists) << "for AAC's priming";
    EXPECT_TRUE(facts.index_last);
    EXPECT_FALSE(facts.interlaced);
    EXPECT_FALSE(facts.chroma_beyond_420);
}

TEST_F(FactsTest, OfOneThatIsMadeForTheWeb)
{
    const FileFacts facts =
        made("a.mp4", "-an -c:v libx264 -bf 0 -pix_fmt yuv444p -movflags +faststart -use_editlist 0");
    EXPECT_FALSE(facts.edit_lists);
    EXPECT_FALSE(facts.index_last);
    EXPECT_TRUE(facts.chroma_beyond_420);
    EXPECT_TRUE(facts.audio_codec.empty());
}

TEST_F(FactsTest, ContainersAreToldApart)
{
    EXPECT_EQ(made("a.mov", "-c:v libx264 -pix_fmt yuv420p").container, "mov");
    EXPECT_EQ(made("a.webm", "-c:v libvpx -pix_fmt yuv420p -an").container, "webm");
    EXPECT_EQ(made("a.mkv", "-c:v libx264 -pix_fmt yuv420p").container, "matroska");
}

TEST_F(FactsTest, InterlacedPicturesAreSeen)
{
    EXPECT_TRUE(made("a.mp4", "-c:v libx264 -flags +ildct+ilme -x264-params tff=1 -pix_fmt yuv420p").interlaced);
}

TEST_F(FactsTest, WhatIsNoMediaIsRefused)
{
    test::output_of("echo hello > '" + (dir_ / "a.mp4").string() + "'");
    EXPECT_THROW((void)facts_of(dir_ / "a.mp4"), Error);
}

} // namespace
} // namespace longtake::av
