#include "pipeline/av/video_reader.h"

#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

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
        av::VideoReader reader(clip, start / 30.0);
        const auto shown = reader.next();
        ASSERT_TRUE(shown.has_value()) << start;
        EXPECT_NEAR(test::middle_luma(shown->frame), 40 + start, 1) << start;
    }
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
