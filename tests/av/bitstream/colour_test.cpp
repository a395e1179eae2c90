#include "pipeline/av/bitstream/colour.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

TEST(ColourTest, WhatIsUntaggedIsBt709WhereItIsLarge)
{
    const Colour untagged;
    EXPECT_EQ(colour_blocker(untagged, {1280, 720}), "");
    EXPECT_EQ(colour_blocker(untagged, {608, 1080}), "");
    EXPECT_EQ(colour_blocker(untagged, {640, 360}), "its colours are untagged, BT.601 at this size");
    EXPECT_EQ(colour_blocker(k_bt709, {640, 360}), "");
    EXPECT_EQ(colour_blocker({false, 2, 2, 1}, {640, 360}), "") << "the matrix alone is said";
}

TEST(ColourTest, OthersAreNamed)
{
    EXPECT_EQ(colour_blocker({true, 1, 1, 1}, {1280, 720}), "its colours are full range");
    EXPECT_EQ(colour_blocker({false, 1, 1, 9}, {1280, 720}), "its matrix is not BT.709");
    EXPECT_EQ(colour_blocker({false, 9, 1, 1}, {1280, 720}), "its colour primaries or transfer are not BT.709");
    EXPECT_EQ(colour_blocker({false, 1, 16, 1}, {1280, 720}), "its colour primaries or transfer are not BT.709");
}

} // namespace
} // namespace longtake::av
