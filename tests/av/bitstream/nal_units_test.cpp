#include "pipeline/av/bitstream/nal_units.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

std::vector<Bytes> copies(const std::vector<View>& nals)
{
    std::vector<Bytes> copies;
    for (const View nal : nals) {
        copies.emplace_back(nal.begin(), nal.end());
    }
    return copies;
}

TEST(NalUnitsTest, SplitsAtStartCodesOfBothLengthsAndDropsZerosAround)
{
    const Bytes packet{0, 0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 0, 1, 0x65, 0, 0, 3, 0, 4, 0, 0};
    EXPECT_EQ(copies(split(packet, 0)), (std::vector<Bytes>{{0x67, 1, 2}, {0x68, 3}, {0x65, 0, 0, 3, 0, 4}}));
}

TEST(NalUnitsTest, SkipsEmptyUnits)
{
    EXPECT_EQ(copies(split(Bytes{0, 0, 1, 0, 0, 1, 0x41, 9, 0, 0, 0, 1}, 0)), (std::vector<Bytes>{{0x41, 9}}));
    EXPECT_EQ(copies(split(Bytes{0, 0, 0, 2, 0x41, 9, 0, 0}, 2)), (std::vector<Bytes>{{0x41, 9}}));
    EXPECT_TRUE(split({}, 0).empty());
    EXPECT_TRUE(split({}, 4).empty());
}

TEST(NalUnitsTest, SplitsByLengthsOfEverySize)
{
    const std::vector<Bytes> wanted{{0x67, 1}, {0x41, 0, 0, 1}};
    EXPECT_EQ(copies(split(Bytes{2, 0x67, 1, 4, 0x41, 0, 0, 1}, 1)), wanted);
    EXPECT_EQ(copies(split(Bytes{0, 2, 0x67, 1, 0, 4, 0x41, 0, 0, 1}, 2)), wanted);
    EXPECT_EQ(copies(split(Bytes{0, 0, 0, 2, 0x67, 1, 0, 0, 0, 4, 0x41, 0, 0, 1}, 4)), wanted);
}

TEST(NalUnitsTest, RefusesLengthsBeyondThePacketAndBytesWithoutStartCode)
{
    EXPECT_THROW(split(Bytes{3, 0x67, 1}, 1), Error);
    EXPECT_THROW(split(Bytes{0, 0, 0, 1, 0x67, 0, 0}, 4), Error);
    EXPECT_THROW(split(Bytes{0xff, 0xff, 0xff, 0xff, 0x67}, 4), Error);
    EXPECT_THROW(split(Bytes{0x67, 1, 2}, 0), Error);
    EXPECT_THROW(split(Bytes{7, 0, 0, 1, 0x67}, 0), Error);
}

TEST(NalUnitsTest, AppendsWithALengthOfFourBytes)
{
    Bytes sample{9};
    append(sample, Bytes(0x102, 0x41));
    ASSERT_EQ(sample.size(), 1U + 4 + 0x102);
    EXPECT_EQ(Bytes(sample.begin(), sample.begin() + 6), (Bytes{9, 0, 0, 1, 2, 0x41}));
}

} // namespace
} // namespace longtake::av
