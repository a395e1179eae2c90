#include "tests/app/stitching.h"

namespace longtake::test {
namespace {

/// Films of nothing but HEVC clips.
class StitchHevcTest : public Stitching {
protected:
    /// The numbers of its frames begin at `first`.
    std::string clip(const std::string& name, int first, const std::string& x265, const std::string& format = "yuv420p")
    {
        return write_numbered(dir_ / name,
                              {.first = first,
                               .video = "-c:v libx265 -preset ultrafast -crf 22 -tag:v hvc1 -pix_fmt " + format +
                                        " -x265-params log-level=none:pools=1:scenecut=0:" + x265})
            .string();
    }

    std::string of_film(const std::string& entry) const
    {
        return output_of("ffprobe -v error -select_streams v:0 -show_entries stream=" + entry + " -of csv=p=0 \"" +
                         film() + "\"");
    }

    static void show(std::vector<std::optional<int>>& wanted, int first, int frames)
    {
        for (int i = 0; i < frames; ++i) {
            wanted.emplace_back(first + i);
        }
    }
};

constexpr const char* k_closed = "keyint=12:min-keyint=12:open-gop=0:bframes=3";
constexpr const char* k_open = "keyint=12:min-keyint=12:open-gop=1:bframes=3:b-adapt=0";

TEST_F(StitchHevcTest, CutsCopyEveryFrameIntoHevc)
{
    ASSERT_NO_FATAL_FAILURE(
        stitch({clip("a.mp4", 0, k_closed), clip("b.mp4", 40, k_closed), clip("c.mp4", 80, k_open)}));
    EXPECT_EQ(explained_.result["codec"], "hevc");
    EXPECT_EQ(explained_.copied(), 3 * 36);
    EXPECT_EQ(of_film("codec_name,codec_tag_string,profile"), "hevc,Main,hvc1\n");
    expect_whole();
    std::vector<std::optional<int>> wanted;
    for (const int first : {0, 40, 80}) {
        show(wanted, first, 36);
    }
    expect_numbers(wanted);
}

TEST_F(StitchHevcTest, DissolvesEncodeTheJoinsAlone)
{
    const auto first = clip("a.mp4", 0, k_open);
    const auto second = clip("b.mp4", 40, std::string(k_open) + ":sao=0:ref=2");
    ASSERT_NO_FATAL_FAILURE(
        stitch({first, second, first, "--transition", "dissolve:0.25", "--timing", "overlap"})); // 6 frames
    EXPECT_TRUE(explained_.says("up to the next IDR or CRA picture (GOPs of 12 frames)"));
    EXPECT_GE(explained_.copied(), 36 - 6 - 4 + 24 - 6 - 4 + 24);
    expect_whole();
    std::vector<std::optional<int>> wanted;
    show(wanted, 0, 30);
    wanted.resize(36);
    show(wanted, 46, 24);
    wanted.resize(66);
    show(wanted, 6, 30);
    expect_numbers(wanted);
}

TEST_F(StitchHevcTest, TenBitsAreCopiedIntoTenBits)
{
    const auto first = clip("a.mp4", 0, k_closed, "yuv420p10le");
    const auto second = clip("b.mp4", 40, k_open, "yuv420p10le");
    ASSERT_NO_FATAL_FAILURE(stitch({first, second, first, "--transition", "dissolve:0.25", "--timing", "hold"}));
    EXPECT_EQ(explained_.result["pixel_format"], "yuv420p10le");
    EXPECT_GE(explained_.copied(), 3 * 36 - 2 * (6 + 3));
    EXPECT_EQ(of_film("pix_fmt,profile"), "Main 10,yuv420p10le\n");
    expect_whole();
}

TEST_F(StitchHevcTest, ClipsOfSeveralContainersAreCopied)
{
    const auto mp4 = clip("clip.mp4", 0, k_closed);
    for (const char* name : {"clip.ts", "clip.mkv", "clip.mov"}) {
        ffmpeg("-i \"" + mp4 + "\" -c copy \"" + (dir_ / name).string() + "\"");
    }
    ASSERT_NO_FATAL_FAILURE(stitch({mp4, dir_ / "clip.ts", dir_ / "clip.mkv", dir_ / "clip.mov", mp4}));
    EXPECT_EQ(explained_.copied(), 5 * 36);
    expect_whole();
}

TEST_F(StitchHevcTest, BesideAClipOfH264TheFilmIsH264)
{
    const auto other = write_numbered(dir_ / "h264.mp4", {.first = 128}).string();
    ASSERT_NO_FATAL_FAILURE(stitch({clip("a.mp4", 0, k_closed), other}));
    EXPECT_EQ(explained_.result["codec"], "h264");
    EXPECT_TRUE(explained_.says("it is HEVC, the film H.264"));
    EXPECT_EQ(explained_.copied(), 36);
    EXPECT_EQ(of_film("codec_name"), "h264\n");
    expect_whole();
}

} // namespace
} // namespace longtake::test
