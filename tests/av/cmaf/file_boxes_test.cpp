#include "pipeline/av/cmaf/file_boxes.h"

#include "pipeline/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::cmaf {
namespace {

std::filesystem::path written(const test::TempDir& dir, const std::string& bytes)
{
    std::ofstream(dir / "boxes", std::ios::binary) << bytes;
    return dir / "boxes";
}

using std::string_literals::operator""s;

TEST(FileBoxesTest, ComeOneAfterTheOther)
{
    const test::TempDir dir;
    FileBoxes boxes(written(dir, "\0\0\0\x0a"
                                 "freeab\0\0\0\x01"
                                 "mdat\0\0\0\0\0\0\0\x12"
                                 "cd\0\0\0\0"
                                 "lastefg"s));
    FileBoxes::Box box;
    ASSERT_TRUE(boxes.next(box));
    EXPECT_EQ(box.type, "free");
    EXPECT_EQ(boxes.payload(box), (std::vector<std::uint8_t>{'a', 'b'}));
    ASSERT_TRUE(boxes.next(box));
    EXPECT_EQ(box.where, (ByteRange{10, 18}));
    EXPECT_EQ(boxes.payload(box), (std::vector<std::uint8_t>{'c', 'd'}));
    ASSERT_TRUE(boxes.next(box)) << "the last may go to the end of the file";
    EXPECT_EQ(boxes.payload(box).size(), 3U);
    EXPECT_FALSE(boxes.next(box));
}

TEST(FileBoxesTest, WhatDoesNotFitIsRefused)
{
    const test::TempDir dir;
    FileBoxes::Box box;
    EXPECT_THROW(FileBoxes(written(dir, "\0\0\0\x20"
                                        "free"s))
                     .next(box),
                 Error);
    EXPECT_THROW(FileBoxes(written(dir, "\0\0"s)).next(box), Error);
    EXPECT_THROW(FileBoxes(dir / "missing").next(box), Error);
}

} // namespace
} // namespace longtake::av::cmaf
