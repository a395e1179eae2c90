#include "pipeline/flow/preview/slate.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longtake::preview {
namespace {

/// The levels of a frame's rows [from, to), without what its rows are padded by.
std::vector<std::uint8_t> rows(const av::Frame& frame, int from, int to)
{
    std::vector<std::uint8_t> levels;
    for (int row = from; row < to; ++row) {
        const std::uint8_t* begin = frame.plane(0) + static_cast<std::ptrdiff_t>(row) * frame.stride(0);
        levels.insert(levels.end(), begin, begin + frame.size().width);
    }
    return levels;
}

TEST(SlateTest, ThePictureStandsAboveItAsItIs)
{
    const av::Frame picture = av::Frame::plain({320, 180}, 200, 90, 160);
    Slate slate(320, {30, 1});
    const av::Frame framed = slate.under(picture, 0);
    EXPECT_EQ(framed.size(), (Size{320, 180 + slate.height()}));
    EXPECT_EQ(slate.height() % 2, 0);
    EXPECT_EQ(rows(framed, 0, 180), rows(picture, 0, 180));
    EXPECT_EQ(framed.plane(1)[0], 90);
    EXPECT_EQ(framed.plane(2)[static_cast<std::ptrdiff_t>(framed.stride(2)) * 89], 160);
    EXPECT_EQ(framed.plane(1)[static_cast<std::ptrdiff_t>(framed.stride(1)) * 91], 128) << "the slate is grey";
}

TEST(SlateTest, WhatItSaysChangesWithTheShotAndTheFrame)
{
    const av::Frame picture = av::Frame::plain({640, 360}, 16, 128, 128);
    Slate slate(640, {30000, 1001});
    slate.show("cup  8.0 s", "steam rises");
    const std::vector<std::uint8_t> first = rows(slate.under(picture, 0), 360, 360 + slate.height());
    EXPECT_GT(std::ranges::max(first), 200) << "something is written";
    EXPECT_NE(rows(slate.under(picture, 1), 360, 360 + slate.height()), first) << "the timecode";
    EXPECT_EQ(rows(slate.under(picture, 0), 360, 360 + slate.height()), first);
    slate.show("cat  5.0 s", "");
    EXPECT_NE(rows(slate.under(picture, 0), 360, 360 + slate.height()), first);
}

TEST(SlateTest, ARateWithoutTimecodeAndANarrowPictureHaveOneToo)
{
    const av::Frame narrow = av::Frame::plain({64, 114}, 16, 128, 128);
    Slate slate(64, {25, 2});
    slate.show("a shot whose name is longer than the picture is wide", "and so is its prompt");
    EXPECT_EQ(slate.under(narrow, 12345).size().height, 114 + slate.height());
}

} // namespace
} // namespace longtake::preview
