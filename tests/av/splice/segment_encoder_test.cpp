#include "pipeline/av/splice/segment_encoder.h"

#include "pipeline/av/clip/video_reader.h"
#include "tests/support/scenes.h"
#include "tests/support/specs.h"
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
    /// What is made of a scene of 40 frames.
    std::vector<av::EncodedSegment::Packet> encoded(const std::string& size, const std::vector<av::Blend>& blends = {},
                                                    const std::string& preset = "medium")
    {
        const std::filesystem::path clip = dir_ / (size + ".mp4");
        if (!std::filesystem::exists(clip)) {
            test::write_scene(clip, {.frames = 40, .size = size, .look = 1});
        }
        av::VideoReader reader(clip);
        av::MediaSpec spec = test::libx264_spec(reader, preset);
        spec.blends = blends;
        av::SegmentEncoder encoder(spec);
        while (const auto shown = reader.next()) {
            encoder.write(shown->frame);
        }
        return encoder.finish().packets;
    }

    std::vector<av::EncodedSegment::Packet> encoded_in_memory_filled(int filling, const std::string& size)
    {
        const MemoryFilled memory(filling);
        return encoded(size);
    }

    /// The place of the first picture, in the order of decoding, that is not the same in both; -1: all are.
    static std::int64_t first_difference(const std::vector<av::EncodedSegment::Packet>& a,
                                         const std::vector<av::EncodedSegment::Packet>& b, std::size_t from = 0)
    {
        for (std::size_t i = from; i < a.size() && i < b.size(); ++i) {
            if (a[i].data != b[i].data) {
                return a[i].shown;
            }
        }
        return a.size() == b.size() ? -1 : std::ssize(a);
    }

    test::TempDir dir_;
};

/// libx264's AVX-512 code reads beyond rows that are no multiple of eight macroblocks; on a processor without it, or a
/// libx264 that is mended, this passes whatever is asked of it.
TEST_F(SegmentEncoderTest, WhatMemoryHeldBeforeDoesNotShapeThePicture)
{
    for (const char* size : {"320x180", "360x640", "384x216"}) {
        const auto first = encoded_in_memory_filled(1, size);
        for (const int filling : {85, 255}) {
            EXPECT_EQ(first_difference(encoded_in_memory_filled(filling, size), first), -1)
                << size << ", memory filled with " << filling;
        }
    }
}

TEST_F(SegmentEncoderTest, ABlendIsEncodedOtherwiseAndNothingBeforeIt)
{
    const auto plain = encoded("384x216");
    constexpr std::size_t k_after_settings = 1; // which libx264 writes as text beside the first picture
    EXPECT_GE(first_difference(encoded("384x216", {{20, 10}}), plain, k_after_settings), 20);
}

TEST_F(SegmentEncoderTest, ABlendIntoAHeldPictureIsGivenMore)
{
    const auto bytes = [](const std::vector<av::EncodedSegment::Packet>& packets) {
        std::size_t all = 0;
        for (const auto& packet : packets) {
            all += packet.shown >= 20 && packet.shown < 30 ? packet.data.size() : 0;
        }
        return static_cast<double>(all);
    };
    const double moving = bytes(encoded("384x216", {{20, 10, false}}));
    const double held = bytes(encoded("384x216", {{20, 10, true}}));
    EXPECT_GT(held, 1.03 * moving);
    EXPECT_LT(held, 1.3 * moving);
}

TEST_F(SegmentEncoderTest, APresetThatLooksAtLessIsLeftAsItIs)
{
    EXPECT_EQ(first_difference(encoded("384x216", {{20, 10}}, "ultrafast"), encoded("384x216", {}, "ultrafast")), -1);
}

} // namespace
} // namespace longtake
