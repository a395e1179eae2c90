#include "pipeline/av/bitstream/av1/obu.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake::av::av1 {
namespace {

/// Sizes as the specification gives them in 4.10.5: seven bits a byte, the lowest first.
TEST(ObuTest, SizesAreWrittenSevenBitsAByte)
{
    Bytes unit;
    append_obu(unit, ObuType::frame, Bytes(300, 7));
    EXPECT_EQ(Bytes(unit.begin(), unit.begin() + 3), (Bytes{0x32, 0xac, 0x02}));
    EXPECT_EQ(unit.size(), 303U);
    unit.clear();
    append_obu(unit, ObuType::temporal_delimiter, {});
    EXPECT_EQ(unit, (Bytes{0x12, 0}));
}

TEST(ObuTest, AUnitIsSplitAsItWasPutTogether)
{
    Bytes unit;
    append_obu(unit, ObuType::temporal_delimiter, {});
    append_obu(unit, ObuType::sequence_header, Bytes(127, 1));
    append_obu(unit, ObuType::frame, Bytes(128, 2));
    const Bytes layered{0x36, 0x20, 2, 8, 9};
    unit.insert(unit.end(), layered.begin(), layered.end());
    const Bytes unsized{0x30, 4, 5, 6};
    unit.insert(unit.end(), unsized.begin(), unsized.end());

    const auto obus = split_obus(unit);
    ASSERT_EQ(obus.size(), 5U);
    EXPECT_EQ(obus[1].type, ObuType::sequence_header);
    EXPECT_EQ(obus[1].payload.size(), 127U);
    EXPECT_EQ(obus[2].whole.size(), 131U);
    EXPECT_EQ(obus[2].payload.front(), 2);
    EXPECT_FALSE(obus[2].layered);
    EXPECT_TRUE(obus[3].layered);
    EXPECT_EQ(Bytes(obus[3].payload.begin(), obus[3].payload.end()), (Bytes{8, 9}));
    EXPECT_EQ(Bytes(obus[4].payload.begin(), obus[4].payload.end()), (Bytes{4, 5, 6})) << "up to the end";
    EXPECT_TRUE(split_obus({}).empty());
}

TEST(ObuTest, DamageIsAnError)
{
    for (const Bytes& unit :
         {Bytes{0x92, 0}, Bytes{0x32, 5, 1, 2}, Bytes{0x32}, Bytes{0x32, 0x80}, Bytes{0x36},
          Bytes{0x32, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0}, Bytes{0x32, 0xff, 0xff, 0xff, 0xff, 0x7f}}) {
        EXPECT_THROW(split_obus(unit), Error) << unit.size();
    }
}

TEST(ObuTest, WhatDecodersDoNotNeedHasNoPlaceInAFile)
{
    EXPECT_TRUE(is_left_out(ObuType::temporal_delimiter));
    EXPECT_TRUE(is_left_out(ObuType::padding));
    EXPECT_TRUE(is_left_out(ObuType::redundant_frame_header));
    EXPECT_FALSE(is_left_out(ObuType::metadata));
    EXPECT_FALSE(is_left_out(ObuType::tile_group));
}

} // namespace
} // namespace longtake::av::av1
