#include "tests/app/stitching.h"

namespace longtake::test {
namespace {

/// Films of nothing but AV1 clips.
class StitchAv1Test : public Stitching {
protected:
    StitchAv1Test() { ::setenv("SVT_LOG", "1", 0); } // it tells of its settings otherwise

    /// The numbers of its frames begin at `first`.
    std::string clip(const std::string& name, int first, const std::string& encoder,
                     const std::string& format = "yuv420p")
    {
        return write_numbered(dir_ / name, {.first = first, .video = "-g 12 -pix_fmt " + format + " -c:v " + encoder})
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

constexpr const char* k_svt = "libsvtav1 -preset 10 -crf 25";
constexpr const char* k_aom = "libaom-av1 -cpu-used 8 -crf 25";
constexpr const char* k_rav1e = "librav1e -speed 10 -qp 60";

TEST_F(StitchAv1Test, CutsCopyEveryFrameIntoAv1)
{
    ASSERT_NO_FATAL_FAILURE(stitch({clip("a.mp4", 0, k_svt), clip("b.mp4", 40, k_aom), clip("c.mp4", 80, k_rav1e)}));
    EXPECT_EQ(explained_.result["codec"], "av1");
    EXPECT_EQ(explained_.copied(), 3 * 36);
    EXPECT_EQ(of_film("codec_name,codec_tag_string,profile"), "av1,Main,av01\n");
    expect_whole();
    std::vector<std::optional<int>> wanted;
    for (const int first : {0, 40, 80}) {
        show(wanted, first, 36);
    }
    expect_numbers(wanted);
}

TEST_F(StitchAv1Test, DissolvesEncodeTheJoinsAlone)
{
    const auto first = clip("a.mp4", 0, k_svt);
    ASSERT_NO_FATAL_FAILURE(stitch(
        {first, clip("b.mp4", 40, k_aom), first, "--transition", "dissolve:0.25", "--timing", "overlap"})); // 6 frames
    EXPECT_TRUE(explained_.says("up to the next key frame (GOPs of 12 frames)"));
    EXPECT_EQ(explained_.copied(), 30 + 18 + 24);
    expect_whole();
    std::vector<std::optional<int>> wanted;
    show(wanted, 0, 30);
    wanted.resize(36);
    show(wanted, 46, 24);
    wanted.resize(66);
    show(wanted, 6, 30);
    expect_numbers(wanted);
}

TEST_F(StitchAv1Test, TenBitsAreCopiedIntoTenBits)
{
    const auto first = clip("a.mp4", 0, k_svt, "yuv420p10le");
    const auto second = clip("b.mp4", 40, k_aom, "yuv420p10le");
    ASSERT_NO_FATAL_FAILURE(stitch({first, second, first, "--transition", "dissolve:0.25", "--timing", "hold"}));
    EXPECT_EQ(explained_.result["pixel_format"], "yuv420p10le");
    EXPECT_EQ(explained_.copied(), 3 * 36 - 2 * 6);
    EXPECT_EQ(of_film("pix_fmt"), "yuv420p10le\n");
    expect_whole();
}

TEST_F(StitchAv1Test, ClipsOfSeveralContainersAreCopied)
{
    const auto mp4 = clip("clip.mp4", 0, k_svt);
    ffmpeg("-i \"" + mp4 + "\" -c copy \"" + (dir_ / "clip.mkv").string() + "\"");
    ffmpeg("-i \"" + mp4 + "\" -c:v copy -c:a libopus \"" + (dir_ / "clip.webm").string() + "\"");
    ASSERT_NO_FATAL_FAILURE(stitch({mp4, dir_ / "clip.mkv", dir_ / "clip.webm", mp4}));
    EXPECT_EQ(explained_.copied(), 4 * 36);
    expect_whole();
}

/// As a cut without encoding leaves it: what is before the cut is there for decoders, and not shown.
TEST_F(StitchAv1Test, AClipWhoseBeginningIsHiddenIsEnteredAtItsNextKeyFrame)
{
    const auto whole = clip("whole.mp4", 0, k_svt);
    const auto cut = (dir_ / "cut.mp4").string();
    ffmpeg("-ss 0.25 -i \"" + whole + "\" -c copy \"" + cut + "\""); // 6 frames
    ASSERT_NO_FATAL_FAILURE(stitch({cut, whole}));
    EXPECT_TRUE(explained_.says("up to the next key frame (GOPs of 12 frames)"));
    EXPECT_EQ(explained_.copied(), 24 + 36);
}

TEST_F(StitchAv1Test, BesideAClipOfH264TheFilmIsH264)
{
    const auto other = write_numbered(dir_ / "h264.mp4", {.first = 128}).string();
    ASSERT_NO_FATAL_FAILURE(stitch({clip("a.mp4", 0, k_svt), other}));
    EXPECT_EQ(explained_.result["codec"], "h264");
    EXPECT_TRUE(explained_.says("it is AV1, the film H.264"));
    EXPECT_EQ(explained_.copied(), 36);
    expect_whole();
}

} // namespace
} // namespace longtake::test
