#include "pipeline/av/bitstream/hevc/sei.h"

#include <gtest/gtest.h>

namespace longtake::av::hevc {
namespace {

Bytes sei(const Bytes& messages)
{
    Bytes nal{0x4e, 0x01};
    nal.insert(nal.end(), messages.begin(), messages.end());
    nal.push_back(0x80);
    return nal;
}

TEST(HevcSeiTest, MessagesThatHoldEverywhereStay)
{
    const Bytes recovery_point = sei({6, 1, 0xd0});
    EXPECT_EQ(transferable(recovery_point), recovery_point);
    Bytes remark{5, 0xff, 3};
    remark.resize(3 + 258, 7);
    EXPECT_EQ(transferable(sei(remark)), sei(remark));
}

TEST(HevcSeiTest, IdsOfParameterSetsAndTheirBufferAreLeftOut)
{
    EXPECT_TRUE(transferable(sei({129, 2, 0x12, 0x34})).empty());
    EXPECT_TRUE(transferable(sei({0, 1, 9})).empty());
    EXPECT_EQ(transferable(sei({129, 2, 0x12, 0x34, 6, 1, 0xd0, 0, 1, 9})), sei({6, 1, 0xd0}));
}

TEST(HevcSeiTest, EmulationPreventionIsDoneAgain)
{
    const Bytes message{137, 4, 1, 0, 0, 3, 1}; // 137, size 4: 1 0 0 1
    EXPECT_EQ(transferable(sei(message)), sei(message));
    Bytes both{129, 1, 0x80};
    both.insert(both.end(), message.begin(), message.end());
    EXPECT_EQ(transferable(sei(both)), sei(message));
}

TEST(HevcSeiTest, WhatCannotBeReadIsLeftOut)
{
    EXPECT_TRUE(transferable(sei({5, 9, 1, 2})).empty());
    EXPECT_TRUE(transferable(sei({0xff, 0xff})).empty());
    EXPECT_TRUE(transferable(Bytes{0x4e, 0x01}).empty());
    EXPECT_TRUE(transferable(Bytes{0x4e, 0x01, 0, 0}).empty());
    EXPECT_TRUE(transferable(Bytes{0x4e, 0x01, 6, 1, 0xd0}).empty()) << "no trailing bits";
}

} // namespace
} // namespace longtake::av::hevc
