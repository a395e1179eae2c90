#include "pipeline/av/picture/look_reader.h"

#include "tests/support/clips.h"
#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

class LookReaderTest : public ::testing::Test {
protected:
    static std::vector<std::int64_t> frames_of(av::LookReader reader)
    {
        std::vector<std::int64_t> frames;
        while (const auto look = reader.next()) {
            frames.push_back(look->frame);
        }
        return frames;
    }

    test::TempDir dir_;
};

TEST_F(LookReaderTest, GivesFramesTheirOwnNumbers)
{
    test::ClipSpec spec;
    spec.frames = 60;
    spec.step = 3;
    spec.base = 20;
    const auto clip = test::write_counting_clip(dir_ / "c.mp4", spec);
    av::LookReader::Options options;
    options.first = 20;
    options.frames = 30;
    av::LookReader reader(clip, options);
    int looks = 0;
    while (const auto look = reader.next()) {
        ++looks;
        EXPECT_GE(look->frame, 20);
        EXPECT_LT(look->frame, 50);
        EXPECT_EQ(look->size, (Size{64, 48}));
        const double luma = 20 + 3 * static_cast<double>(look->frame);
        EXPECT_NEAR(look->rgb.plane(0)[24 * look->rgb.stride(0) + 96], (luma - 16) * 255 / 219, 3) << look->frame;
    }
    EXPECT_GE(looks, 4);
}

TEST_F(LookReaderTest, LooksAtItAFewTimesASecondWhateverItsCodec)
{
    for (const std::string codec : {"libx264", "libx265 -x265-params log-level=none", "mpeg4"}) {
        const auto clip = dir_ / "c.mp4";
        test::ffmpeg("-f lavfi -i testsrc2=s=320x180:r=30:d=4 -pix_fmt yuv420p -c:v " + codec + " '" + clip.string() +
                     "'");
        const std::vector<std::int64_t> frames = frames_of({clip, {0, 1000, {}, 5, 800}});
        EXPECT_GE(frames.size(), 16U) << codec;
        EXPECT_LE(frames.size(), 20U) << codec;
    }
}

TEST_F(LookReaderTest, CountsAtTheRateAskedForAndShrinks)
{
    test::Scene scene;
    scene.frames = 48;
    const auto clip = test::write_scene(dir_ / "s.mp4", scene);
    av::LookReader::Options options;
    options.frames = 200;
    options.counted = Rate{48, 1};
    options.side = 100;
    av::LookReader reader(clip, options);
    std::int64_t last = 0;
    while (const auto look = reader.next()) {
        EXPECT_EQ(look->rgb.size(), (Size{100, 56}));
        last = look->frame;
    }
    EXPECT_GT(last, 75);
    EXPECT_LT(last, 96);
    EXPECT_EQ(reader.rate(), (Rate{48, 1}));
}

} // namespace
} // namespace longtake
