#include "pipeline/av/picture/to_hdr.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/picture/colour.h"
#include "pipeline/av/picture/to_bt709.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

/// The 10-bit luma in the middle of a picture.
int luma(const Frame& frame)
{
    const auto* row = reinterpret_cast<const std::uint16_t*>(frame.plane(0) + 24L * frame.stride(0));
    return row[32];
}

/// Limited range, 10 bits: the share of the way from black to white, in per cent.
double per_cent(int code)
{
    return (code - 64) / 8.76;
}

TEST(ToHdrTest, WhiteOfAScreenIsReferenceWhite)
{
    const Frame white = Frame::plain({64, 48}, 235, 128, 128);
    // ITU-R BT.2408, table 1: reference white is 75 % of HLG and 58 % of PQ.
    EXPECT_NEAR(per_cent(luma(ToHdr(DynamicRange::hlg).apply(white))), 75, 1);
    EXPECT_NEAR(per_cent(luma(ToHdr(DynamicRange::pq).apply(white))), 58, 1);
}

TEST(ToHdrTest, BlackStaysBlack)
{
    const Frame black = Frame::plain({64, 48}, 16, 128, 128);
    EXPECT_NEAR(luma(ToHdr(DynamicRange::hlg).apply(black)), 64, 1);
    EXPECT_NEAR(luma(ToHdr(DynamicRange::pq).apply(black)), 64, 1);
}

TEST(ToHdrTest, PicturesOfThatKindPassThrough)
{
    ToHdr to_hdr(DynamicRange::pq);
    const Frame once = to_hdr.apply(Frame::plain({64, 48}, 180, 128, 128));
    EXPECT_EQ(once->color_trc, AVCOL_TRC_SMPTE2084);
    EXPECT_EQ(once->colorspace, AVCOL_SPC_BT2020_NCL);
    EXPECT_TRUE(once.deep());
    EXPECT_EQ(to_hdr.apply(once).plane(0), once.plane(0)) << "the same pixels";
}

TEST(ToHdrTest, OneTransferBecomesTheOther)
{
    const Frame pq = ToHdr(DynamicRange::pq).apply(Frame::plain({64, 48}, 235, 128, 128));
    const Frame hlg = ToHdr(DynamicRange::hlg).apply(pq);
    EXPECT_NEAR(per_cent(luma(hlg)), 75, 1);
    EXPECT_EQ(hlg->color_trc, AVCOL_TRC_ARIB_STD_B67);
}

TEST(ToHdrTest, WhatScreensShowComesBackFromIt)
{
    for (const int level : {40, 90, 140, 180}) {
        const Frame there =
            ToHdr(DynamicRange::hlg).apply(Frame::plain({64, 48}, static_cast<std::uint8_t>(level), 128, 128));
        EXPECT_NEAR(luma(ToBt709().apply(there)) / 4.0, level, 2) << level;
    }
}

} // namespace
} // namespace longtake::av
