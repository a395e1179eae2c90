#include "tests/app/stitching.h"

#include <fstream>

namespace longtake::test {
namespace {

/// Ways in which joining without encoding is known to go wrong. Those of single clips (timestamps of decoding, open
/// groups, Main 10) are among EveryKindOfClipTest's.
class StitchFamiliesTest : public Stitching {
protected:
    std::string clip(const std::string& name, const Numbered& numbered)
    {
        return write_numbered(dir_ / name, numbered).string();
    }

    static std::vector<std::optional<int>> count(std::initializer_list<std::pair<int, int>> runs)
    {
        std::vector<std::optional<int>> wanted;
        for (const auto& [first, frames] : runs) {
            for (int i = 0; i < frames; ++i) {
                wanted.emplace_back(first + i);
            }
        }
        return wanted;
    }
};

/// Re-encoded remnants of one or two frames must not bend the rate.
TEST_F(StitchFamiliesTest, ClipsOfOneAndTwoFramesKeepTheRateConstant)
{
    const auto ordinary = clip("ordinary.mp4", {.first = 0});
    const auto one = clip("one.mp4", {.first = 100, .frames = 1, .flash = 50, .sound = false});
    const auto two = clip("two.mp4", {.first = 110, .frames = 2, .flash = 50, .sound = false});
    ASSERT_NO_FATAL_FAILURE(stitch({ordinary, one, two, ordinary, one}));
    EXPECT_TRUE(explained_.says("only 1 frame could be copied"));
    EXPECT_EQ(explained_.copied(), 72);
    expect_whole();
    expect_numbers(count({{0, 36}, {100, 1}, {110, 2}, {0, 36}, {100, 1}}));
}

/// An overlap that leaves a single frame of a group of pictures before the next IDR picture.
TEST_F(StitchFamiliesTest, AnOverlapAFrameShortOfAnIdrPictureEncodesThatFrameToo)
{
    const auto first = clip("first.mp4", {.first = 0});
    const auto second = clip("second.mp4", {.first = 128});
    ASSERT_NO_FATAL_FAILURE(
        stitch({first, second, "--transition", "dissolve:0.4583333", "--timing", "overlap"})); // 11 frames
    EXPECT_TRUE(explained_.says("up to the next IDR picture (GOPs of 12 frames)"));
    expect_whole();
    auto wanted = count({{0, 25}, {0, 11}, {139, 25}});
    std::fill(wanted.begin() + 25, wanted.begin() + 36, std::nullopt);
    expect_numbers(wanted);
}

/// Tracks that end a frame, or a part of one, before or after the film.
TEST_F(StitchFamiliesTest, EveryTrackIsAsLongAsTheFilmAtAnyRate)
{
    for (const auto& [rate, frames] : std::map<std::string, int>{{"25", 37}, {"30000/1001", 31}, {"60", 41}}) {
        const auto first =
            clip("first-" + std::to_string(frames) + ".mp4", {.first = 0, .frames = frames, .rate = rate});
        const auto second =
            clip("second-" + std::to_string(frames) + ".mp4", {.first = 128, .frames = frames, .rate = rate});
        ASSERT_NO_FATAL_FAILURE(stitch({first, second, first})) << rate;
        EXPECT_EQ(explained_.result["frames"], 3 * frames);
        EXPECT_EQ(explained_.copied(), 3 * frames);
        expect_whole(fps_of(rate));
    }
}

/// Streams of several encoders, each with its own parameter sets, reference counts and memory commands.
TEST_F(StitchFamiliesTest, StreamsOfSixEncodersStandSideBySide)
{
    const std::vector<std::string> encoders = {
        "-profile:v baseline -g 12",
        "-profile:v main -bf 0 -refs 1 -g 6",
        "-bf 5 -refs 6 -g 36 -x264-params b-pyramid=normal:weightp=2:scenecut=0",
        "-bf 3 -g 12 -x264-params open-gop=1:scenecut=0",
        "-bf 2 -g 12 -x264-params b-pyramid=strict:slices=2:8x8dct=0",
        "-bf 3 -g 250 -x264-params scenecut=0:aud=1:cabac=0",
    };
    std::vector<std::string> words;
    std::vector<std::optional<int>> wanted;
    for (std::size_t i = 0; i < 2 * encoders.size(); ++i) {
        const auto name = "clip" + std::to_string(i % encoders.size()) + ".mp4";
        if (i < encoders.size()) {
            clip(name, {.first = static_cast<int>(40 * i),
                        .video = "-c:v libx264 -preset veryfast -pix_fmt yuv420p " + encoders[i]});
        }
        words.push_back(dir_ / name);
        const auto numbers = count({{static_cast<int>(40 * (i % encoders.size())), 36}});
        wanted.insert(wanted.end(), numbers.begin(), numbers.end());
    }
    ASSERT_NO_FATAL_FAILURE(stitch(words));
    EXPECT_EQ(explained_.copied(), 12 * 36);
    for (const auto& join : explained_.result["joins"]) {
        EXPECT_EQ(join["mode"], "copy");
    }
    expect_whole();
    expect_numbers(wanted);
}

/// Clips that share their parameter sets and not the container: the length prefixes of one are not the other's.
TEST_F(StitchFamiliesTest, ClipsOfSeveralContainersShareTheirParameterSets)
{
    const auto mp4 = clip("clip.mp4", {.first = 0});
    for (const char* name : {"clip.ts", "clip.mkv", "clip.flv"}) {
        ffmpeg("-i \"" + mp4 + "\" -c copy \"" + (dir_ / name).string() + "\"");
    }
    ASSERT_NO_FATAL_FAILURE(stitch({mp4, dir_ / "clip.ts", dir_ / "clip.mkv", dir_ / "clip.flv", mp4}));
    EXPECT_EQ(explained_.copied(), 5 * 36);
    expect_whole();
    expect_numbers(count({{0, 36}, {0, 36}, {0, 36}, {0, 36}, {0, 36}}));
}

/// What joining by copying packets leaves behind: a stream whose parameter sets change on the way.
TEST_F(StitchFamiliesTest, AClipWithTwoParameterSetsIsEncoded)
{
    const auto half = [&](const std::string& name, int first, const std::string& encoder) {
        clip(name, {.first = first,
                    .frames = 18,
                    .flash = 50,
                    .sound = false,
                    .video = "-c:v libx264 -bf 0 -pix_fmt yuv420p " + encoder});
    };
    half("one.ts", 64, "-refs 1");
    half("other.ts", 82, "-refs 4");
    std::ofstream(dir_ / "list.txt") << "file one.ts\nfile other.ts\n";
    ffmpeg("-f concat -i '" + (dir_ / "list.txt").string() + "' -c copy '" + (dir_ / "both.mp4").string() + "'");
    const auto ordinary = clip("ordinary.mp4", {.first = 0});
    ASSERT_NO_FATAL_FAILURE(stitch({ordinary, dir_ / "both.mp4", ordinary}));
    EXPECT_TRUE(explained_.says("its parameter sets change on the way")) << explained_.result;
    expect_whole();
    expect_numbers(count({{0, 36}, {64, 36}, {0, 36}}));
}

/// Sound that starts before or after the picture keeps its place beside it.
TEST_F(StitchFamiliesTest, SoundAndPictureThatStartApartStayTogether)
{
    const auto whole = clip("whole.mp4", {.first = 64});
    const std::string both = "-i \"" + whole + "\" -itsoffset 0.25 -i \"" + whole + "\" -c copy ";
    ffmpeg(both + "-map 1:v -map 0:a \"" + (dir_ / "picture-late.mp4").string() + "\"");
    ffmpeg(both + "-map 0:v -map 1:a \"" + (dir_ / "sound-late.mp4").string() + "\"");
    const auto ordinary = clip("ordinary.mp4", {.first = 0});
    ASSERT_NO_FATAL_FAILURE(stitch({ordinary, dir_ / "picture-late.mp4", dir_ / "sound-late.mp4", ordinary}));
    EXPECT_EQ(explained_.copied(), 4 * 36);
    expect_whole();
    const auto beeps = beeps_in(film());
    ASSERT_EQ(beeps.size(), 4U);
    EXPECT_NEAR(beeps[1], (36 + 20 - 6) / 24.0, 0.002) << "sound from before the first picture is not in the film";
    EXPECT_NEAR(beeps[2], (72 + 20 + 6) / 24.0, 0.002);
    EXPECT_NEAR(beeps[3], (108 + 20) / 24.0, 0.002) << "and the next clip is where it belongs";
}

} // namespace
} // namespace longtake::test
