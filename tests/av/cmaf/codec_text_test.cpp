#include "pipeline/av/cmaf/codec_text.h"

#include "pipeline/av/cmaf/boxes.h"
#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake::av::cmaf {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes box(const char* type, const Bytes& payload)
{
    Bytes bytes;
    put(bytes, payload.size() + 8, 4);
    put(bytes, type);
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

TEST(CodecTextTest, NamesWhatPlayersKnow)
{
    EXPECT_EQ(codec_text("avc1", box("avcC", {1, 0x64, 0, 0x1f, 0xff})), "avc1.64001f");
    EXPECT_EQ(codec_text("hvc1", box("hvcC", {1, 0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93, 0xf0})),
              "hvc1.1.6.L93.90");
    EXPECT_EQ(codec_text("hvc1", box("hvcC", {1, 0x22, 0x20, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 150, 0xf0})),
              "hvc1.2.4.H150.B0");
    EXPECT_EQ(codec_text("av01", box("av1C", {0x81, 0x08, 0x0c, 0})), "av01.0.08M.08");
    EXPECT_EQ(codec_text("av01", box("av1C", {0x81, 0x0d, 0x4c, 0})), "av01.0.13M.10");
    EXPECT_EQ(codec_text("vp09", box("vpcC", {1, 0, 0, 0, 0, 31, 0x82, 1, 1, 1})), "vp09.00.31.08");
    EXPECT_EQ(codec_text("mp4a", box("esds", {0, 0, 0, 0, 3, 0x80, 0x80, 0x80, 34, 0, 1, 0, 4, 20,   0x40, 0x15,
                                              0, 0, 0, 0, 0, 0,    0,    0,    0,  0, 0, 5, 2, 0x11, 0x90})),
              "mp4a.40.2");
}

TEST(CodecTextTest, WhatIsUnknownOrCutShortIsRefused)
{
    EXPECT_THROW((void)codec_text("tx3g", {}), Error);
    EXPECT_THROW((void)codec_text("avc1", {}), Error);
    EXPECT_THROW((void)codec_text("avc1", box("avcC", {1, 2})), Error);
}

} // namespace
} // namespace longtake::av::cmaf
