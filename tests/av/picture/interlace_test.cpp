#include "pipeline/av/picture/interlace.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/picture/reframe.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

/// A flat picture with chroma on every row.
Frame flat(std::uint8_t luma, std::uint8_t chroma)
{
    Reframe reframe({32, 16}, Fit::crop, "yuv422p");
    return reframe.apply(Frame::plain({32, 16}, luma, chroma, chroma));
}

int at(const Frame& frame, int plane, int row)
{
    return frame.plane(plane)[static_cast<std::ptrdiff_t>(row) * frame.stride(plane) + 3];
}

TEST(InterlaceTest, TheUpperFieldIsTheFirstMoment)
{
    const Frame frame = interlaced(flat(60, 100), flat(180, 150), false);
    EXPECT_EQ(frame->interlaced_frame, 1);
    EXPECT_EQ(frame->top_field_first, 1);
    for (int row = 0; row < 16; ++row) {
        EXPECT_EQ(at(frame, 0, row), row % 2 == 0 ? 60 : 180) << row;
        EXPECT_EQ(at(frame, 1, row), row % 2 == 0 ? 100 : 150) << row;
    }
    EXPECT_EQ(frame->colorspace, AVCOL_SPC_BT709);
}

TEST(InterlaceTest, SoftenedRowsAreMixedWithTheirNeighboursOfTheSameMoment)
{
    const Frame first = flat(60, 128);
    const Frame second = flat(180, 128);
    std::fill_n(first.plane(0) + 4L * first.stride(0), 32, std::uint8_t{100});
    const Frame frame = interlaced(first, second, true);
    EXPECT_EQ(at(frame, 0, 4), 80) << "(60 + 2 * 100 + 60) / 4";
    EXPECT_EQ(at(frame, 0, 2), 60) << "its neighbours are rows 1 and 3";
    EXPECT_EQ(at(frame, 0, 5), 180) << "of the second moment";
    EXPECT_EQ(at(frame, 0, 0), 60) << "at the edge";
}

TEST(InterlaceTest, PicturesOfOtherKindsAreRefused)
{
    EXPECT_THROW(interlaced(Frame::plain({32, 16}, 60, 128, 128), Frame::plain({32, 16}, 60, 128, 128), false), Error);
}

} // namespace
} // namespace longtake::av
