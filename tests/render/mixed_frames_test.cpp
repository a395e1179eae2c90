#include "pipeline/render/mixed_frames.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

using Runs = std::vector<std::pair<std::int64_t, std::int64_t>>;

Runs pairs(const std::vector<av::Blend>& runs)
{
    Runs found;
    for (const av::Blend& run : runs) {
        found.emplace_back(run.first, run.frames);
    }
    return found;
}

/// Two shots, the second entered at frame 100.
Timeline film(TransitionType type, std::int64_t frames, bool held)
{
    Timeline timeline;
    timeline.rate = {24, 1};
    timeline.segments.push_back({"a", 0, 120, {}, {}});
    timeline.segments.push_back({"b", 100, 120, {type, frames, held}, {}});
    return timeline;
}

TEST(BlendedFramesTest, LieBeforeTheShotInAHoldAndAtItsStartInAnOverlap)
{
    const Rate rate{24, 1};
    EXPECT_EQ(pairs(blended_frames(film(TransitionType::dissolve, 12, true), rate)), (Runs{{88, 12}}));
    EXPECT_EQ(pairs(blended_frames(film(TransitionType::fade_black, 20, false), rate)), (Runs{{100, 20}}));
}

TEST(BlendedFramesTest, SayWhetherTheyEndInAPictureThatIsHeld)
{
    const Rate rate{24, 1};
    const auto held = blended_frames(film(TransitionType::dissolve, 12, true), rate);
    EXPECT_TRUE(held.at(0).held);
    EXPECT_TRUE(within(held, 90, 20).at(0).held);
    EXPECT_FALSE(blended_frames(film(TransitionType::dissolve, 12, false), rate).at(0).held);
}

TEST(BlendedFramesTest, AreNoneWhereEveryPixelIsOfOnePicture)
{
    for (const auto type :
         {TransitionType::cut, TransitionType::wipe_left, TransitionType::slide_left, TransitionType::morph}) {
        EXPECT_TRUE(blended_frames(film(type, type == TransitionType::cut ? 0 : 12, false), {24, 1}).empty());
    }
}

TEST(BlendedFramesTest, AreCountedAtTheRateTheyAreEncodedAt)
{
    EXPECT_EQ(pairs(blended_frames(film(TransitionType::dissolve, 12, false), {48, 1})), (Runs{{200, 24}}));
    EXPECT_TRUE(blended_frames(film(TransitionType::dissolve, 1, false), {6, 1}).empty()) << "between two frames";
}

TEST(BlendedFramesTest, OfAPartAreCountedFromItsStart)
{
    const std::vector<av::Blend> runs{{10, 10}, {40, 10}};
    EXPECT_EQ(pairs(within(runs, 15, 30)), (Runs{{0, 5}, {25, 5}}));
    EXPECT_TRUE(within(runs, 20, 20).empty());
}

} // namespace
} // namespace longtake::render
