#include "stages/deliver/splice_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace longtake::stages {
namespace {

constexpr Rate k_film_rate{30, 1};
const std::filesystem::path k_one_clip = "clip.mp4";

/// A clip without B pictures: GOPs of this length, every picture of as many bytes.
av::ClipIndex clip(std::int32_t gop, std::int32_t bytes)
{
    av::ClipIndex index;
    index.codec = "h264";
    index.pixel_format = "yuv420p";
    index.size = {1280, 720};
    index.rate = k_film_rate;
    index.frames = 120;
    index.profile = 100;
    index.parameters = "one";
    index.display_index.resize(120);
    std::iota(index.display_index.begin(), index.display_index.end(), 0);
    index.bytes.assign(120, bytes);
    for (std::int32_t at = 0; at < 120; at += gop) {
        index.sync_samples.push_back(at);
    }
    return index;
}

Timeline one_clip()
{
    Timeline timeline;
    timeline.rate = k_film_rate;
    timeline.size = {1280, 720};
    Range range;
    range.file = k_one_clip;
    range.frames = 120;
    timeline.items.push_back({"shot", 0, 120, {}, {range}});
    return timeline;
}

/// What a platform asks for: GOPs of two seconds, 3 Mb/s.
Preset platform()
{
    return changed_preset(master_preset(),
                          {{"copies", "within-limits"}, {"video", {{"gop_seconds", 2}, {"max_bitrate", 3'000'000}}}});
}

SplicePlan plan(const av::ClipIndex& index, const Preset& preset)
{
    const Timeline timeline = one_clip();
    return plan_splice({timeline, {timeline.size}, k_film_rate}, {{k_one_clip, index}},
                       copy_terms(preset, k_film_rate));
}

std::string reason(const av::ClipIndex& index, const Preset& preset = platform())
{
    const SplicePlan made = plan(index, preset);
    EXPECT_EQ(made.copied(), 0);
    return made.planned.front().reason;
}

TEST(PlannedCopiesTest, FootageWithinThemIsCopied)
{
    EXPECT_EQ(plan(clip(60, 12'000), platform()).copied(), 120) << "2.9 Mb/s";
}

TEST(PlannedCopiesTest, WhatBreaksOneIsEncodedAndTheReasonNamesIt)
{
    EXPECT_EQ(reason(clip(120, 12'000)), "its GOPs of 120 frames are longer than the 60 asked for");
    EXPECT_EQ(reason(clip(60, 24'000)), "its bit rate passes the 3 Mb/s asked for");
    av::ClipIndex odd = clip(60, 12'000);
    odd.profile = 122;
    EXPECT_EQ(reason(odd), "its profile is 122, 100 is asked for");
}

TEST(PlannedCopiesTest, ALowerProfileWillDoAndAHigherWillNot)
{
    const Preset main = changed_preset(platform(), {{"video", {{"profile", "main"}}}});
    av::ClipIndex index = clip(60, 12'000);
    EXPECT_EQ(reason(index, main), "its profile is 100, 77 is asked for");
    for (const int profile : {66, 77}) {
        index.profile = profile;
        EXPECT_EQ(plan(index, main).copied(), 120) << profile;
    }
}

TEST(PlannedCopiesTest, AShortBurstIsWhatTheBufferIsFor)
{
    av::ClipIndex index = clip(60, 10'000);
    index.bytes[30] = 300'000;
    EXPECT_EQ(plan(index, platform()).copied(), 120);
    index.bytes[30] = 800'000;
    EXPECT_EQ(reason(index), "its bit rate passes the 3 Mb/s asked for");
}

TEST(PlannedCopiesTest, WhatALutGradesIsEncoded)
{
    Timeline timeline = one_clip();
    timeline.items[0].ranges[0].lut = StyleFile{"/film.cube", "lll"};
    const SplicePlan made =
        plan_splice({timeline, {timeline.size}, k_film_rate}, {{k_one_clip, clip(60, 12'000)}}, CopyTerms{});
    EXPECT_EQ(made.copied(), 0);
    EXPECT_EQ(made.planned.front().reason, "colours are graded");
}

TEST(PlannedCopiesTest, AMasterCopiesWhateverFits)
{
    EXPECT_EQ(plan(clip(120, 90'000), master_preset()).copied(), 120);
}

} // namespace
} // namespace longtake::stages
