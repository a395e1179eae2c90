#include "pipeline/av/cmaf/decode_times.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longtake::av::cmaf {
namespace {

/// Frames of 1000 ticks, in decode order.
std::vector<std::int64_t> ticks(std::vector<std::int64_t> frames)
{
    std::ranges::for_each(frames, [](std::int64_t& frame) { frame = 5000 + 1000 * frame; });
    return frames;
}

/// What has to hold of any GOP: it begins with its first picture, times grow, and nothing is shown before it is decoded
/// or lasts beyond the end.
void expect_playable(const std::vector<std::int64_t>& shown)
{
    const std::vector<std::int64_t> decoded = decode_times(shown);
    const std::int64_t end = *std::ranges::max_element(shown) + 1000;
    ASSERT_EQ(decoded.size(), shown.size());
    EXPECT_EQ(decoded.front(), shown.front());
    for (std::size_t k = 0; k < shown.size(); ++k) {
        const std::int64_t next = k + 1 < shown.size() ? decoded[k + 1] : end;
        EXPECT_LE(decoded[k], shown[k]) << k;
        EXPECT_LT(decoded[k], next) << k;
        EXPECT_LE(shown[k] + next - decoded[k], end) << k;
    }
}

TEST(DecodeTimesTest, WithoutReorderingTheyAreTheTimesOfShowing)
{
    const auto shown = ticks({0, 1, 2, 3});
    EXPECT_EQ(decode_times(shown), shown);
}

TEST(DecodeTimesTest, WhatIsReorderedIsSqueezedIntoTheFirstPicture)
{
    EXPECT_EQ(decode_times(ticks({0, 3, 1, 2, 4})), (std::vector<std::int64_t>{5000, 5500, 6000, 7000, 9000}));
}

TEST(DecodeTimesTest, TheLastPictureLastsToTheEndAndNotBeyond)
{
    EXPECT_EQ(decode_times(ticks({0, 3, 1, 2})).back(), 7000) << "two frames until 9000";
}

TEST(DecodeTimesTest, EveryShapeOfAGopIsPlayable)
{
    for (const std::vector<std::int64_t>& gop : std::vector<std::vector<std::int64_t>>{{0},
                                                                                       {0, 1},
                                                                                       {0, 2, 1},
                                                                                       {0, 1, 3, 2},
                                                                                       {0, 3, 1, 2},
                                                                                       {0, 4, 2, 1, 3},
                                                                                       {0, 4, 2, 1, 3, 8, 6, 5, 7},
                                                                                       {0, 8, 4, 2, 1, 3, 6, 5, 7},
                                                                                       {0, 1, 2, 5, 3, 4, 6, 7}}) {
        SCOPED_TRACE(::testing::PrintToString(gop));
        expect_playable(ticks(gop));
    }
}

TEST(DecodeTimesTest, AGopThatIsNotClosedIsRefused)
{
    EXPECT_THROW((void)decode_times(ticks({2, 0, 1})), Error);
}

} // namespace
} // namespace longtake::av::cmaf
