#include "pipeline/av/cmaf/boxes.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake::av::cmaf {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Bytes k_nested = {0,   0,   0, 20, 'm', 'o', 'o', 'v', 0, 0, 0,   12,  't', 'r',
                        'a', 'k', 1, 2,  3,   4,   0,   0,   0, 8, 'f', 'r', 'e', 'e'};

TEST(BoxesTest, AreFoundByTheirPath)
{
    const auto found = find_box(k_nested, "moov/trak");
    EXPECT_EQ(Bytes(found.begin(), found.end()), (Bytes{1, 2, 3, 4}));
    EXPECT_TRUE(find_box(k_nested, "moov/mvex").empty());
    EXPECT_EQ(count_boxes(k_nested, "free"), 1U);
}

TEST(BoxesTest, OfAnotherLengthThanTheirsAreRefused)
{
    Bytes longer = k_nested;
    longer[11] = 13;
    EXPECT_THROW((void)find_box(longer, "moov/trak"), Error);
    Bytes shorter = k_nested;
    shorter[3] = 7;
    EXPECT_THROW((void)find_box(shorter, "moov"), Error);
    EXPECT_THROW((void)find_box(Bytes{0, 0, 0}, "moov"), Error);
}

TEST(BoxesTest, SixtyFourBitsOfLengthAreRead)
{
    const Bytes large = {0, 0, 0, 1, 'm', 'd', 'a', 't', 0, 0, 0, 0, 0, 0, 0, 17, 9};
    EXPECT_EQ(find_box(large, "mdat").size(), 1U);
}

TEST(BoxesTest, NumbersGoTheWayTheyCame)
{
    Bytes bytes;
    put(bytes, 0x0102030405060708, 8);
    put(bytes, "sidx");
    BoxReader reader(bytes);
    EXPECT_EQ(reader.u64(), 0x0102030405060708U);
    EXPECT_EQ(reader.four(), "sidx");
    EXPECT_TRUE(reader.done());
    EXPECT_THROW((void)reader.u8(), Error);
}

} // namespace
} // namespace longtake::av::cmaf
