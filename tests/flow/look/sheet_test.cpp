#include "pipeline/flow/look/sheet.h"

#include "pipeline/av/picture/picture_decoder.h"

#include <gtest/gtest.h>

namespace longtake::look {
namespace {

const std::uint8_t* pixel(const av::Frame& frame, int x, int y)
{
    return frame.plane(0) + static_cast<std::ptrdiff_t>(y) * frame.stride(0) + std::ptrdiff_t{3} * x;
}

TEST(SheetTest, WhatLiesOutsideIsNotDrawn)
{
    Sheet sheet({40, 30});
    av::Picture red = av::plain_picture({20, 20}, "#ff0000");
    sheet.lay(frame_of(red), 30, 20);
    sheet.lay(frame_of(red), -15, -15);
    sheet.outline({-5, 10, 100, 8}, {0, 255, 0});
    sheet.write({0, 22, 20, 8}, "cup");
    const av::DecodedPicture seen = av::decode_picture(sheet.png(), av::PictureCodec::png);
    EXPECT_EQ(seen.frame.size(), (Size{40, 30}));
    EXPECT_EQ(pixel(seen.frame, 39, 29)[0], 255);
    EXPECT_EQ(pixel(seen.frame, 4, 4)[0], 255);
    EXPECT_EQ(pixel(seen.frame, 39, 10)[1], 255);
    EXPECT_NE(pixel(seen.frame, 20, 14)[1], 255) << "an outline has no inside";
}

} // namespace
} // namespace longtake::look
