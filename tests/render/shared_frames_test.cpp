#include "pipeline/render/shared_frames.h"

#include "pipeline/base/error.h"
#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

class SharedFramesTest : public ::testing::Test {
protected:
    SharedFramesTest()
    {
        timeline_.rate = {24, 1};
        timeline_.size = {320, 180};
        Range range;
        range.file = test::write_scene(dir_ / "clip.mp4", {.frames = k_frames});
        range.frames = k_frames;
        timeline_.items = {{"a", 0, k_frames, {}, {range}}};
    }

    static constexpr std::int64_t k_frames = 20;
    test::TempDir dir_;
    Timeline timeline_;
};

int taken(const FrameSource& source)
{
    int frames = 0;
    while (source()) {
        ++frames;
    }
    return frames;
}

TEST_F(SharedFramesTest, EveryTakerGetsEveryFrameOnce)
{
    SharedFrames frames(timeline_, 5, 2);
    const FrameSource one = frames.source(0);
    const FrameSource other = frames.source(1);
    for (int i = 0; i < 4; ++i) {
        const auto a = one();
        const auto b = other();
        ASSERT_TRUE(a && b);
        EXPECT_EQ(a->plane(0), b->plane(0)) << "composed once";
    }
    EXPECT_EQ(taken(one), 11);
    EXPECT_EQ(taken(other), 11) << "who is late misses nothing";
}

TEST_F(SharedFramesTest, WhoLeavesHoldsNobodyUp)
{
    SharedFrames frames(timeline_, 0, 2);
    frames.leave(0);
    EXPECT_EQ(taken(frames.source(1)), k_frames);
}

TEST_F(SharedFramesTest, WhatComposingThrowsReachesEveryTaker)
{
    timeline_.items[0].frames = timeline_.items[0].ranges[0].frames = k_frames + 10; // longer than its clip
    SharedFrames frames(timeline_, 0, 2);
    EXPECT_THROW(taken(frames.source(0)), Error);
    EXPECT_THROW(taken(frames.source(1)), Error);
}

} // namespace
} // namespace longtake::render
