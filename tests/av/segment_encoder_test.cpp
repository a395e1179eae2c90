#include "pipeline/av/segment_encoder.h"

#include "pipeline/av/video_reader.h"
#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <malloc.h>

namespace longtake {
namespace {

/// Makes every byte that malloc returns `filling` while it lives: what is read before it is written then shows.
class MemoryFilled {
public:
    explicit MemoryFilled(int filling) { mallopt(M_PERTURB, filling); }
    ~MemoryFilled() { mallopt(M_PERTURB, 0); }
    MemoryFilled(const MemoryFilled&) = delete;
    MemoryFilled& operator=(const MemoryFilled&) = delete;
};

class SegmentEncoderTest : public ::testing::Test {
protected:
    /// All bytes the encoder makes of a scene of that size, in memory filled with `filling`.
    std::vector<std::uint8_t> encoded(const std::string& size, int filling)
    {
        const std::filesystem::path clip = dir_ / (size + ".mp4");
        if (!std::filesystem::exists(clip)) {
            test::write_scene(clip, {.frames = 40, .size = size, .look = 1});
        }
        const MemoryFilled memory(filling);
        av::VideoReader reader(clip);
        av::MediaSpec spec;
        spec.size = reader.size();
        spec.rate = reader.rate();
        spec.video.codec = "h264";
        spec.video.encoder = "libx264";
        spec.video.encoder_preset = "medium";
        spec.video.crf = 18;
        av::SegmentEncoder encoder(spec);
        while (const auto shown = reader.next()) {
            encoder.write(shown->frame);
        }
        std::vector<std::uint8_t> bytes;
        for (const auto& packet : encoder.finish().packets) {
            bytes.insert(bytes.end(), packet.data.begin(), packet.data.end());
        }
        return bytes;
    }

    test::TempDir dir_;
};

/// libx264's AVX-512 code reads beyond rows that are no multiple of eight macroblocks; on a processor without it, or a
/// libx264 that is mended, this passes whatever is asked of it.
TEST_F(SegmentEncoderTest, WhatMemoryHeldBeforeDoesNotShapeThePicture)
{
    for (const char* size : {"320x180", "360x640", "384x216"}) {
        const auto first = encoded(size, 1);
        for (const int filling : {85, 255}) {
            EXPECT_EQ(encoded(size, filling), first) << size << ", memory filled with " << filling;
        }
    }
}

} // namespace
} // namespace longtake
