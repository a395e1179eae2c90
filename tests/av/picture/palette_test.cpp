#include "pipeline/av/picture/palette.h"

#include "pipeline/av/ffmpeg.h"

#include <gtest/gtest.h>

#include <cstring>

namespace longtake::av {
namespace {

/// Flat pictures, each of another red.
Frame red(int k)
{
    Frame frame = Frame::rgb({32, 16});
    for (int row = 0; row < 16; ++row) {
        std::uint8_t* pixel = frame.plane(0) + static_cast<std::ptrdiff_t>(row) * frame.stride(0);
        for (int x = 0; x < 32; ++x, pixel += 3) {
            pixel[0] = static_cast<std::uint8_t>(40 * k);
            pixel[1] = pixel[2] = 20;
        }
    }
    return frame;
}

TEST(PalettedFramesTest, EveryFrameComesInOrderWithOnePaletteForAll)
{
    int given = 0;
    PalettedFrames frames(
        [&]() -> std::optional<Frame> { return given < 6 ? std::optional(red(given++)) : std::nullopt; });
    EXPECT_EQ(given, 6) << "all are read first";
    std::optional<Frame> first;
    for (int k = 0; k < 6; ++k) {
        auto frame = frames.next();
        ASSERT_TRUE(frame) << k;
        ASSERT_EQ((*frame)->format, AV_PIX_FMT_PAL8);
        const auto* palette = reinterpret_cast<const std::uint32_t*>(frame->plane(1)); // 0xAARRGGBB
        const int shown = static_cast<int>(palette[frame->plane(0)[0]] >> 16 & 0xff);
        EXPECT_NEAR(shown, 40 * k, 4) << k;
        if (first) {
            EXPECT_EQ(std::memcmp(first->plane(1), frame->plane(1), AVPALETTE_SIZE), 0);
        }
        first = std::move(frame);
    }
    EXPECT_FALSE(frames.next());
}

} // namespace
} // namespace longtake::av
