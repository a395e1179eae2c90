#include "pipeline/image/frame_clip.h"

#include "pipeline/base/error.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/photos.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace longtake::test {
namespace {

using image::frame_clip;
using image::Framing;

constexpr double k_upright = 9.0 / 16;
constexpr int k_fps = 24;

/// A photograph on a grey frame of 1280x720; `x` is where its left edge is, in ffmpeg's words of the time t.
struct OnScreen {
    std::string name = "astronaut.png";
    std::string x = "300";
    double from = 0, to = 1000; ///< seconds it is shown
    std::string filters{};      ///< first, each with a comma after it
};

class FrameClipTest : public ::testing::Test {
protected:
    std::filesystem::path clip(const std::vector<OnScreen>& pictures, double seconds, const std::string& after = "null",
                               const std::string& ground = "0x878177")
    {
        std::string inputs = fmt::format("-f lavfi -i color={}:s=1280x720:r={}:d={}", ground, k_fps, seconds);
        std::string graph = "[0]null[g0]";
        for (std::size_t i = 0; i < pictures.size(); ++i) {
            const OnScreen& on = pictures[i];
            inputs += fmt::format(" -loop 1 -r {} -t {} -i '{}'", k_fps, seconds, photo(on.name).string());
            graph +=
                fmt::format(";[{0}]{1}null[p{0}];[g{2}][p{0}]overlay=x='{3}':y=100:enable='between(t,{4},{5})'[g{0}]",
                            i + 1, on.filters, i, on.x, on.from, on.to);
        }
        graph += fmt::format(";[g{}]{},format=yuv420p[v]", pictures.size(), after);
        const auto file = dir_ / fmt::format("{}.mp4", clips_++);
        ffmpeg(
            fmt::format("{} -filter_complex \"{}\" -map '[v]' -t {} -c:v libx264 -preset ultrafast -bf 2 -crf 18 '{}'",
                        inputs, graph, seconds, file.string()));
        return file;
    }

    static Framing framed(const std::filesystem::path& file, double seconds, double aspect = k_upright)
    {
        return frame_clip(file, 0, static_cast<std::int64_t>(seconds * k_fps), aspect);
    }

    /// Her face, at columns 180 to 270 of the photograph, in every frame with air of 8 % on both sides.
    static void expect_face_held(const Framing& framing, double seconds, const std::function<double(double)>& x)
    {
        const double width = framing.window.width;
        for (std::int64_t frame = 0; frame < static_cast<std::int64_t>(seconds * k_fps); ++frame) {
            const double left = centre_at(framing.path, frame).x * 1280 - width / 2;
            const double face = x(static_cast<double>(frame) / k_fps);
            EXPECT_GE(face + 180, left + 0.08 * width) << frame;
            EXPECT_LE(face + 270, left + 0.92 * width) << frame;
        }
    }

    /// Frame by frame, in source widths a second and its powers.
    static void expect_calm(const Framing& framing, double seconds, double speed, double jerk)
    {
        const auto x = [&](std::int64_t frame) { return centre_at(framing.path, frame).x; };
        for (std::int64_t frame = 0; frame + 3 < static_cast<std::int64_t>(seconds * k_fps); ++frame) {
            EXPECT_LE(std::abs(x(frame + 1) - x(frame)) * k_fps, speed + 1e-6);
            EXPECT_LE(std::abs(x(frame + 3) - 3 * x(frame + 2) + 3 * x(frame + 1) - x(frame)) * std::pow(k_fps, 3),
                      jerk + 1e-3);
        }
    }

    TempDir dir_;
    int clips_ = 0;
};

TEST_F(FrameClipTest, AFaceThatStandsStillIsNotMovedAt)
{
    const Framing framing = framed(clip({{}}, 4), 4);
    EXPECT_EQ(word(framing.path.kind), "still");
    EXPECT_EQ(framing.path.points.size(), 1U);
    EXPECT_EQ(framing.note, "follows a face");
    EXPECT_EQ(framing.window, (Size{406, 720}));
    EXPECT_EQ(framing.active, (image::Box{0, 0, 1280, 720}));
    expect_face_held(framing, 4, [](double) { return 300; });
}

TEST_F(FrameClipTest, AFaceThatMovesIsHeldInEveryFrame)
{
    const auto to_and_fro = [](double t) { return 350 - 330 * std::cos(0.7 * t); };
    const Framing framing = framed(clip({{"astronaut.png", "350-330*cos(0.7*t)"}}, 9), 9);
    EXPECT_EQ(word(framing.path.kind), "track");
    expect_face_held(framing, 9, to_and_fro);
    expect_calm(framing, 9, 0.35, 2.8);
}

TEST_F(FrameClipTest, AFaceThatCrossesIsPannedWith)
{
    const Framing framing = framed(clip({{"astronaut.png", "20+70*t"}}, 8), 8);
    EXPECT_NE(word(framing.path.kind), "still");
    expect_face_held(framing, 8, [](double t) { return 20 + 70 * t; });
    expect_calm(framing, 8, 0.35, 2.8);
}

TEST_F(FrameClipTest, OfTwoFacesTheLargerIsHeldIfBothDoNotFit)
{
    const std::vector<OnScreen> two = {{"astronaut.png", "0"}, {"astronaut.png", "820", 0, 1000, "scale=400:-1,"}};
    const auto file = clip(two, 4);
    const Framing one = framed(file, 4);
    EXPECT_EQ(word(one.path.kind), "still");
    EXPECT_EQ(one.note, "follows a face; 1 more do not fit");
    expect_face_held(one, 4, [](double) { return 0; });

    const Framing both =
        framed(clip({{"astronaut.png", "250"}, {"astronaut.png", "560", 0, 1000, "crop=300:260:100:0,"}}, 4), 4, 1);
    EXPECT_EQ(both.note, "follows faces");
    const double left = centre_at(both.path, 0).x * 1280 - 360;
    EXPECT_LT(left, 250 + 180 - 58);
    EXPECT_GT(left + 720, 560 + 170 + 58);
}

TEST_F(FrameClipTest, AFaceSeenInPassingIsIgnored)
{
    const std::vector<OnScreen> passing = {{"coffee.png", "0"}, {"astronaut.png", "760", 2.0, 2.25}};
    EXPECT_EQ(framed(clip(passing, 5), 5).note.substr(0, 17), "no face was found");
}

TEST_F(FrameClipTest, WithoutAFaceWhatStandsOutIsFollowed)
{
    const Framing framing = framed(clip({{"rocket.jpg", "620", 0, 1000, "scale=600:-1,"}}, 3), 3);
    EXPECT_EQ(framing.note, "no face was found: follows what stands out");
    EXPECT_NEAR(framing.path.points.front().x * 1280, 620 + 300, 150);
}

TEST_F(FrameClipTest, WhereNothingStandsOutTheMiddleIsGuessed)
{
    const Framing framing = framed(clip({}, 2), 2);
    EXPECT_EQ(framing.note, "no face was found, and nothing stands out more than the middle, which is guessed");
    EXPECT_EQ(framing.path.points, std::vector<PicturePoint>{PicturePoint{}});
}

TEST_F(FrameClipTest, BarsAreNoPartOfThePicture)
{
    const auto letterboxed =
        clip({{"coffee.png", "20*t", 0, 1000, "scale=1600:-1,"}}, 3, "crop=1280:540,pad=1280:720:0:90");
    const Framing framing = framed(letterboxed, 3);
    EXPECT_NEAR(framing.active.y, 90, 4);
    EXPECT_NEAR(framing.active.height, 540, 8);
    EXPECT_EQ(framing.window, window_size({framing.active.width, framing.active.height}, k_upright));
    EXPECT_NEAR(centre_at(framing.path, 10).y, 0.5, 0.005);

    const auto dark = clip({{"coffee.png", "20*t", 0, 1000, "scale=1600:-1,"}}, 3, "eq=brightness=-0.42:contrast=0.3");
    EXPECT_EQ(framed(dark, 3).active, (image::Box{0, 0, 1280, 720}));
}

TEST_F(FrameClipTest, WindowsThatAreWiderThanThePictureMoveUpAndDown)
{
    const Framing framing = framed(clip({{}}, 2), 2, 2.4);
    EXPECT_EQ(framing.window, (Size{1280, 534}));
    EXPECT_EQ(framing.path.points.front().x, 0.5);
    EXPECT_LT(framing.path.points.front().y * 720 - 267, 100 + 50); // her hair begins at row 110
}

TEST_F(FrameClipTest, DoesWhatItIsToldTo)
{
    const auto file = clip({{}}, 2);
    image::FramingOptions options;
    options.focus = {Focus::On::centre, {}};
    EXPECT_EQ(frame_clip(file, 0, 48, k_upright, options).path.points.front(), PicturePoint{});
    options.focus = {Focus::On::point, {0.9, 0.2}};
    EXPECT_NEAR(frame_clip(file, 0, 48, k_upright, options).path.points.front().x, 1 - 203.0 / 1280, 1e-9);
    options.focus = {Focus::On::face, {}};
    EXPECT_EQ(frame_clip(clip({{"rocket.jpg", "620"}}, 2), 0, 48, k_upright, options).note,
              "no face was found: the middle is guessed");
    EXPECT_EQ(frame_clip(file, 0, 48, 16.0 / 9).note, "the picture fills the window");
}

TEST_F(FrameClipTest, CountsFramesAtTheRateAskedFor)
{
    const auto file = clip({{"astronaut.png", "350-330*cos(0.7*t)"}}, 9);
    image::FramingOptions options;
    options.counted = Rate{48, 1};
    const Framing twice = frame_clip(file, 48, 16 * k_fps, k_upright, options);
    for (std::int64_t frame = 48; frame < 48 + 16 * k_fps; frame += 12) {
        const double face = 350 - 330 * std::cos(0.7 * static_cast<double>(frame) / 48) + 225;
        EXPECT_NEAR(centre_at(twice.path, frame).x * 1280, std::clamp(face, 203.0, 1077.0), 130) << frame;
    }
}

TEST_F(FrameClipTest, SaysWhatIsWrong)
{
    const auto file = clip({}, 1);
    EXPECT_THROW(frame_clip(file, 0, 24, 0), Error);
    EXPECT_THROW(frame_clip(dir_ / "none.mp4", 0, 24, k_upright), Error);
}

} // namespace
} // namespace longtake::test
