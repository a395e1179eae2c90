#include "pipeline/av/splice/clip_index.h"

#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace longtake::av {
namespace {

using test::Scene;

class ClipIndexTest : public ::testing::Test {
protected:
    ClipIndex index_of(const Scene& scene, const std::string& name = "clip.mp4")
    {
        return index_clip(test::write_scene(dir_ / name, scene));
    }

    test::TempDir dir_;
};

TEST_F(ClipIndexTest, FindsEveryIdrAndTheOrderOfShowing)
{
    const ClipIndex index = index_of({.frames = 60, .gop = 24});

    EXPECT_EQ(index.copy_blocker, "");
    EXPECT_EQ(index.frames, 60);
    EXPECT_EQ(index.sync_samples, (std::vector<std::int32_t>{0, 24, 48}));
    EXPECT_EQ(index.longest_gop(), 24);
    EXPECT_EQ(index.reorder, 2);
    EXPECT_EQ(index.rate, (Rate{24, 1}));
    std::vector<std::int32_t> sorted = index.display_index;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        EXPECT_EQ(sorted[i], static_cast<std::int32_t>(i));
    }
}

TEST_F(ClipIndexTest, ARunEndsWhereNoLaterPictureIsShownBefore)
{
    const ClipIndex index = index_of({.frames = 60, .gop = 250});

    for (std::int64_t end = 1; end <= 60; ++end) {
        const auto run = index.run_within(0, end);
        ASSERT_TRUE(run);
        EXPECT_LE(run->packets, end);
        EXPECT_GE(run->packets, end - 3) << "at most the B-frames of one group are lost";
        for (std::int64_t i = 0; i < run->packets; ++i) {
            EXPECT_LT(index.display_index[static_cast<std::size_t>(i)], run->packets);
        }
    }
    EXPECT_FALSE(index.run_within(1, 60)) << "a clip of one GOP cannot be entered later";
}

TEST_F(ClipIndexTest, ARunBeginsAtAnIdrInside)
{
    const ClipIndex index = index_of({.frames = 60, .gop = 24});
    const auto run = index.run_within(5, 60);

    ASSERT_TRUE(run);
    EXPECT_EQ(run->first, 24);
    EXPECT_EQ(run->packet, 24);
    EXPECT_EQ(run->packets, 36);
}

TEST_F(ClipIndexTest, KeyframesOfAnOpenGopAreNoEntries)
{
    const ClipIndex index = index_of({.frames = 60, .gop = 24, .x264 = "open-gop=1"});

    EXPECT_EQ(index.copy_blocker, "");
    EXPECT_EQ(index.sync_samples, (std::vector<std::int32_t>{0}));
}

/// CRA pictures are entries, for what is shown before them and refers to before them is left out.
TEST_F(ClipIndexTest, AnOpenGopOfHevcIsEnteredWithoutItsLeadingPictures)
{
    const ClipIndex index = index_of({.frames = 60,
                                      .options = "-c:v libx265 -x265-params log-level=none:pools=1:"
                                                 "open-gop=1:keyint=24:min-keyint=24:b-adapt=0:scenecut=0"});
    EXPECT_EQ(index.copy_blocker, "");
    EXPECT_EQ(index.codec, "hevc");
    EXPECT_EQ(index.pixel_format, "yuv420p");
    ASSERT_EQ(index.sync_samples.size(), 3U);
    EXPECT_EQ(index.leading.front(), 0);
    EXPECT_EQ(index.longest_gop(), 24);
    EXPECT_EQ(index.leading[1], 3);
    EXPECT_EQ(index.display_index[static_cast<std::size_t>(index.sync_samples[1])], 24);

    const auto whole = index.run_within(0, 60);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->packets, 60) << "within a run leading pictures are copied";
    EXPECT_EQ(whole->skipped, 0);
    for (const std::int64_t first : {1, 22, 24}) {
        const auto run = index.run_within(first, 60);
        ASSERT_TRUE(run);
        EXPECT_EQ(run->first, 24);
        EXPECT_EQ(run->packet, index.sync_samples[1]);
        EXPECT_EQ(run->skipped, 3);
        EXPECT_EQ(run->packets, 36);
    }
    const auto inside = index.run_within(24, 50);
    ASSERT_TRUE(inside);
    EXPECT_LE(inside->first + inside->packets, 50);
    EXPECT_GE(inside->packets, 26 - 4) << "at most the B-frames of one group are lost";
    EXPECT_EQ(nlohmann::json(nlohmann::json(index).get<ClipIndex>()), nlohmann::json(index));
}

/// Frames that are shown later come with the next that is shown: a run of AV1 ends with any frame.
TEST_F(ClipIndexTest, Av1IsLeftAtAnyFrame)
{
    ::setenv("SVT_LOG", "1", 0);
    const ClipIndex index = index_of({.frames = 60, .gop = 24, .options = "-c:v libsvtav1 -preset 10"});
    EXPECT_EQ(index.copy_blocker, "");
    EXPECT_EQ(index.codec, "av1");
    EXPECT_EQ(index.pixel_format, "yuv420p");
    EXPECT_EQ(index.sync_samples, (std::vector<std::int32_t>{0, 24, 48}));
    EXPECT_EQ(index.reorder, 0);
    for (const std::int64_t end : {40, 41, 42, 43, 60}) {
        const auto run = index.run_within(5, end);
        ASSERT_TRUE(run);
        EXPECT_EQ(run->first, 24);
        EXPECT_EQ(run->packets, end - 24);
    }
}

TEST_F(ClipIndexTest, SaysWhyAClipCannotBeCopied)
{
    const auto obstacle = [&](const Scene& scene, const std::string& name = "clip.mp4") {
        return index_of(scene, name).copy_blocker;
    };

    EXPECT_EQ(obstacle({.x264 = "tff=1"}), "it may be interlaced");
    EXPECT_EQ(obstacle({.options = "-pix_fmt yuv420p10le"}), "it is not 8-bit 4:2:0");
    EXPECT_EQ(obstacle({.options = "-pix_fmt yuv444p"}), "it is not 8-bit 4:2:0");
    EXPECT_EQ(obstacle({.x264 = "nal-hrd=vbr:vbv-maxrate=800:vbv-bufsize=800"}),
              "its buffer model (HRD) would not hold in another stream");
    EXPECT_EQ(obstacle({.options = "-vf setsar=4/3"}), "its pixels are not square (4:3)");
    EXPECT_EQ(obstacle({.colours = "-color_range pc -colorspace bt709"}), "its colours are full range");
    EXPECT_EQ(obstacle({.colours = ""}), "its colours are untagged, BT.601 at this size");
    EXPECT_EQ(obstacle({.colours = "-colorspace bt470bg"}), "its matrix is not BT.709");
    EXPECT_EQ(obstacle({.x264 = "cqm=jvt"}), "it has scaling lists of its own");
    EXPECT_EQ(obstacle({.options = "-vf select='not(mod(n\\,3))+not(mod(n\\,4))' -vsync vfr"}),
              "its frame rate is not constant");
    EXPECT_EQ(obstacle({.options = "-c:v mpeg4"}), "it is mpeg4, not H.264, HEVC or AV1");
    EXPECT_EQ(obstacle({.size = "1280x720", .colours = ""}), "") << "untagged HD is BT.709 by convention";
}

TEST_F(ClipIndexTest, ARotatedClipIsNotCopied)
{
    const auto straight = test::write_scene(dir_ / "straight.mp4");
    const auto turned = dir_ / "turned.mp4";
    test::ffmpeg("-i '" + straight.string() + "' -c copy -metadata:s:v rotate=90 '" + turned.string() + "'");

    EXPECT_EQ(index_clip(straight).copy_blocker, "");
    EXPECT_NE(index_clip(turned).copy_blocker.find("rotated"), std::string::npos) << index_clip(turned).copy_blocker;
}

TEST_F(ClipIndexTest, PicturesAnEditListHidesAreNotShown)
{
    const auto whole = test::write_scene(dir_ / "whole.mp4", {.frames = 60, .gop = 24});
    const auto cut = dir_ / "cut.mp4"; // copied from the middle of a GOP: an edit list hides the frames before
    test::ffmpeg("-ss 0.5 -i '" + whole.string() + "' -c copy '" + cut.string() + "'");
    const ClipIndex index = index_clip(cut);

    EXPECT_EQ(index.frames, std::ssize(test::frame_hashes(cut)));
    const auto run = index.run_within(0, index.frames);
    ASSERT_TRUE(run);
    for (std::int64_t i = run->packet; i < run->packet + run->packets; ++i) {
        EXPECT_GE(index.display_index[static_cast<std::size_t>(i)], 0);
    }
}

TEST_F(ClipIndexTest, ClipsOfOneEncoderShareTheirParameterSets)
{
    const ClipIndex one = index_of({.look = 0}, "one.mp4");
    const ClipIndex two = index_of({.look = 1}, "two.mp4");
    const ClipIndex other = index_of({.bframes = 0, .x264 = "ref=1"}, "other.mp4");

    EXPECT_EQ(one.parameters, two.parameters);
    EXPECT_NE(one.parameters, other.parameters);
    EXPECT_EQ(other.reorder, 0);
}

TEST_F(ClipIndexTest, GoesThroughJsonUnchanged)
{
    const ClipIndex index = index_of({.frames = 30, .gop = 12});
    const nlohmann::json json = index;
    const auto back = json.get<ClipIndex>();

    EXPECT_EQ(nlohmann::json(back), json);
    EXPECT_EQ(back.display_index, index.display_index);
    EXPECT_EQ(back.sync_samples, index.sync_samples);
}

} // namespace
} // namespace longtake::av
