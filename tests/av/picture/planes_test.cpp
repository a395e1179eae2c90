#include "pipeline/av/picture/planes.h"

#include "pipeline/av/picture/reframe.h"
#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

TEST(PlanesTest, LayoutsOfWhatIsEncoded)
{
    const auto layout = [](const char* format) {
        return plane_layout(Reframe({64, 48}, Fit::pad, format).apply(Frame::plain({64, 48}, 100, 110, 120)));
    };
    EXPECT_EQ(layout("yuv420p"), (PlaneLayout{8, 1, 1}));
    EXPECT_EQ(layout("yuv420p10le"), (PlaneLayout{10, 1, 1}));
    EXPECT_EQ(layout("yuv422p10le"), (PlaneLayout{10, 1, 0}));
    EXPECT_EQ(layout("yuv444p"), (PlaneLayout{8, 0, 0}));
    EXPECT_THROW(plane_layout(Frame::rgb({64, 48})), Error);
}

TEST(PlanesTest, ACopyHasMemoryOfItsOwn)
{
    const Frame frame = Frame::plain({64, 48}, 100, 110, 120);
    const Frame copy = writable_copy(frame);
    EXPECT_NE(copy.plane(0), frame.plane(0));
    copy.plane(0)[5] = 7;
    EXPECT_EQ(frame.plane(0)[5], 100);
    EXPECT_EQ(copy.plane(1)[0], 110);
}

} // namespace
} // namespace longtake::av
