#include "pipeline/av/splice/splice_writer.h"

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/splice/segment.h"
#include "pipeline/base/files.h"
#include "tests/support/scenes.h"
#include "tests/support/specs.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <string>

namespace longtake {
namespace {

class BesideCopies : public ::testing::Test {
protected:
    BesideCopies() { test::write_scene(clip_, {.frames = 8, .size = "320x180"}); }

    /// What libx264 says of the settings it was given, as text beside its first picture.
    std::string settings_beside_the_clip(const std::string& preset, const std::string& own = {}) const
    {
        av::VideoReader reader(clip_);
        av::MediaSpec spec = test::libx264_spec(reader, preset);
        if (!own.empty()) {
            spec.video.options["x264-params"] = own;
        }
        const std::filesystem::path segment = dir_ / "segment.mp4";
        av::MediaWriter writer(segment, av::segment_spec(av::beside_copies(spec, av::index_clip(clip_))));
        while (const auto shown = reader.next()) {
            writer.write(shown->frame);
        }
        writer.finish();
        return read_text(segment);
    }

    test::TempDir dir_;
    std::filesystem::path clip_ = dir_ / "clip.mp4";
};

// libx264's flags (x264.h): 4x4 and 8x8 in intra pictures are 3; of inter pictures P in quarters is 0x10, B 0x100.
TEST_F(BesideCopies, MediumDoesNotLookForBMacroblocksInQuarters)
{
    EXPECT_NE(settings_beside_the_clip("medium").find("analyse=0x3:0x13 "), std::string::npos);
    EXPECT_NE(settings_beside_the_clip("veryfast").find("analyse=0x3:0x13 "), std::string::npos);
}

TEST_F(BesideCopies, SlowerAndCoarserPresetsLookWhereTheyDo)
{
    EXPECT_NE(settings_beside_the_clip("slow").find("analyse=0x3:0x113 "), std::string::npos);
    EXPECT_NE(settings_beside_the_clip("superfast").find("analyse=0x3:0x3 "), std::string::npos);
}

TEST_F(BesideCopies, Libx265ReordersNoMoreThanTheClip)
{
    const auto beside = [&](int reorder, int references) {
        av::ClipIndex clip;
        clip.reorder = reorder;
        clip.references = references;
        av::MediaSpec spec;
        spec.video = hevc_master_preset("yuv420p").video;
        return av::beside_copies(spec, clip).video;
    };
    EXPECT_EQ(beside(2, 4).options["x265-params"], "ref=3:b-pyramid=1");
    EXPECT_EQ(beside(2, 4).bframes, 3);
    EXPECT_EQ(beside(1, 2).options["x265-params"], "ref=2:b-pyramid=0");
    EXPECT_EQ(beside(0, 1).options["x265-params"], "ref=1:b-pyramid=0");
    EXPECT_EQ(beside(0, 1).bframes, 0);
}

TEST_F(BesideCopies, SvtAv1NeedsNoWord)
{
    av::ClipIndex clip;
    clip.references = 8;
    av::MediaSpec spec;
    spec.video = av1_master_preset("yuv420p").video;
    EXPECT_EQ(av::beside_copies(spec, clip).video.options, spec.video.options);
}

TEST_F(BesideCopies, WhatAPresetAsksOfTheSearchIsDone)
{
    EXPECT_NE(settings_beside_the_clip("medium", "partitions=all").find("analyse=0x3:0x133 "), std::string::npos);
}

} // namespace
} // namespace longtake
