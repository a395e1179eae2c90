#include "pipeline/av/splice/segment.h"

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/splice/packet_run_reader.h"
#include "pipeline/av/splice/splice_proof.h"
#include "tests/support/scenes.h"
#include "tests/support/specs.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <malloc.h>

#include <functional>
#include <set>

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

/// A coded picture.
struct Packet {
    std::vector<std::uint8_t> data;
    std::int64_t shown = 0; ///< its place in the order of showing
};

class SegmentTest : public ::testing::Test {
protected:
    /// What is made of a scene of 40 frames.
    std::vector<Packet> encoded(const std::string& size, const std::vector<av::Blend>& blends = {},
                                const std::string& preset = "medium", const std::vector<double>& finer = {})
    {
        const std::filesystem::path clip = dir_ / (size + ".mp4");
        if (!std::filesystem::exists(clip)) {
            test::write_scene(clip, {.frames = 40, .size = size, .look = 1});
        }
        av::VideoReader reader(clip);
        av::MediaSpec spec = test::libx264_spec(reader, preset);
        spec.blends = blends;
        spec.finer = finer;
        const std::filesystem::path segment = dir_ / "segment.mp4";
        av::MediaWriter writer(segment, av::segment_spec(spec));
        while (const auto shown = reader.next()) {
            writer.write(shown->frame);
        }
        writer.finish();
        return packets_of(segment, writer.frames(), spec.rate);
    }

    static std::vector<Packet> packets_of(const std::filesystem::path& segment, std::int64_t frames, Rate rate)
    {
        av::PacketRunReader packets(segment, {0, frames, 0}, rate);
        std::vector<Packet> all;
        while (const AVPacket* packet = packets.next()) {
            all.push_back({{packet->data, packet->data + packet->size}, packets.shown()});
        }
        return all;
    }

    std::vector<Packet> encoded_in_memory_filled(int filling, const std::string& size)
    {
        const MemoryFilled memory(filling);
        return encoded(size);
    }

    /// The place of the first picture, in the order of decoding, that is not the same in both; -1: all are.
    static std::int64_t first_difference(const std::vector<Packet>& a, const std::vector<Packet>& b,
                                         std::size_t from = 0)
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
TEST_F(SegmentTest, WhatMemoryHeldBeforeDoesNotShapeThePicture)
{
    for (const char* size : {"320x180", "360x640", "384x216"}) {
        const auto first = encoded_in_memory_filled(1, size);
        for (const int filling : {85, 255}) {
            EXPECT_EQ(first_difference(encoded_in_memory_filled(filling, size), first), -1)
                << size << ", memory filled with " << filling;
        }
    }
}

TEST_F(SegmentTest, ABlendIsEncodedOtherwiseAndNothingBeforeIt)
{
    const auto plain = encoded("384x216");
    constexpr std::size_t k_after_settings = 1; // which libx264 writes as text beside the first picture
    EXPECT_GE(first_difference(encoded("384x216", {{20, 10}}), plain, k_after_settings), 20);
}

TEST_F(SegmentTest, FramesThatAreToBeFinerAreGivenMore)
{
    const auto bytes = [](const std::vector<Packet>& packets) {
        std::size_t all = 0;
        for (const auto& packet : packets) {
            all += packet.shown >= 30 ? packet.data.size() : 0;
        }
        return static_cast<double>(all);
    };
    std::vector<double> finer(40, 0);
    std::fill(finer.begin() + 30, finer.end(), 3);
    const double alike = bytes(encoded("384x216"));
    const double more = bytes(encoded("384x216", {}, "medium", finer));
    EXPECT_GT(more, 1.15 * alike);
    EXPECT_LT(more, 2 * alike);
}

TEST_F(SegmentTest, AFrameOfABlendCanBeFinerToo)
{
    const std::vector<av::Blend> blends{{20, 10}};
    std::vector<double> finer(30, 0);
    std::fill(finer.begin() + 22, finer.end(), 5); // some of them refer to nothing coarser
    EXPECT_GE(first_difference(encoded("384x216", blends, "medium", finer), encoded("384x216", blends), 1), 20);
    EXPECT_NE(first_difference(encoded("384x216", blends, "medium", finer), encoded("384x216", {}, "medium", finer), 1),
              -1)
        << "it is still looked at less";
}

TEST_F(SegmentTest, APresetThatLooksAtLessIsLeftAsItIs)
{
    EXPECT_EQ(first_difference(encoded("384x216", {{20, 10}}, "ultrafast"), encoded("384x216", {}, "ultrafast")), -1);
}

TEST_F(SegmentTest, Libx265TriesLessWhereMostFramesAreABlend)
{
    av::MediaSpec spec;
    spec.video = hevc_master_preset("yuv420p").video;
    spec.blends = {{0, 12}};
    const auto params = [&](std::int64_t frames) {
        av::MediaSpec segment = av::segment_spec(spec);
        segment.blends = spec.blends;
        return av::with_short_search(segment, frames).video.options.value("x265-params", "");
    };
    EXPECT_EQ(params(14), "pools=1:rd=2");
    EXPECT_EQ(params(24), "pools=1");
    spec.video.encoder_preset = "slow";
    EXPECT_EQ(params(14), "pools=1");
    spec.video = master_preset().video;
    EXPECT_EQ(params(14), "");
}

TEST_F(SegmentTest, SvtAv1TriesLessAndIsFinerWhereMostFramesAreABlend)
{
    av::MediaSpec spec;
    spec.video = av1_master_preset("yuv420p").video;
    spec.blends = {{0, 12}};
    const auto video = [&](std::int64_t frames) { return av::with_short_search(av::segment_spec(spec), frames).video; };
    EXPECT_EQ(video(14).encoder_preset, "10");
    EXPECT_EQ(video(14).crf, 13);
    EXPECT_EQ(video(24).encoder_preset, "10") << "half of it, as where a dissolve leads up to a key frame";
    EXPECT_EQ(video(25).encoder_preset, "8");
    EXPECT_EQ(video(25).crf, 16);
    spec.video.encoder_preset = "6";
    EXPECT_EQ(video(14).encoder_preset, "6");
    EXPECT_EQ(video(14).crf, 16);
}

TEST_F(SegmentTest, SvtAv1HasTheProcessToItself)
{
    av::MediaSpec spec;
    spec.video = av1_master_preset("yuv420p").video;
    EXPECT_TRUE(av::wants_the_process(av::segment_spec(spec)));
    EXPECT_EQ(av::segment_spec(spec).video.options.value("svtav1-params", ""), "") << "and uses all cores";
    spec.video = master_preset().video;
    EXPECT_FALSE(av::wants_the_process(av::segment_spec(spec)));
}

TEST_F(SegmentTest, OfASetBitRateThereAreNoPieces)
{
    av::MediaSpec spec;
    spec.video.codec = "h264";
    EXPECT_NE(av::segment_blocker(spec), "");
    spec.video.crf = 20;
    EXPECT_EQ(av::segment_blocker(spec), "");
    spec.video.codec = "mpeg2video";
    EXPECT_NE(av::segment_blocker(spec), "");
    spec.video = {};
    spec.video.codec = "prores";
    EXPECT_EQ(av::segment_blocker(spec), "");
}

TEST_F(SegmentTest, EveryOptionOfTheEncoderIsInItsRecipe)
{
    av::MediaSpec spec;
    spec.size = {640, 360};
    spec.rate = {30, 1};
    spec.video.codec = "h264";
    spec.video.encoder = "libx264";
    spec.video.crf = 20;
    const std::vector<std::pair<const char*, std::function<void(av::MediaSpec&)>>> changes{
        {"nothing", [](av::MediaSpec&) {}},
        {"container", [](av::MediaSpec& s) { s.container = "mov"; }},
        {"size", [](av::MediaSpec& s) { s.size.width = 642; }},
        {"rate",
         [](av::MediaSpec& s) {
             s.rate = {25, 1};
         }},
        {"encoder",
         [](av::MediaSpec& s) {
             s.video.encoder = "libx264rgb";
             s.video.pixel_format = "rgb24";
         }},
        {"profile", [](av::MediaSpec& s) { s.video.profile = "main"; }},
        {"pixel format", [](av::MediaSpec& s) { s.video.pixel_format = "yuv422p"; }},
        {"crf", [](av::MediaSpec& s) { s.video.crf = 20.5; }},
        {"no crf", [](av::MediaSpec& s) { s.video.crf.reset(); }},
        {"most bits", [](av::MediaSpec& s) { s.video.max_bitrate = 1'000'000; }},
        {"speed", [](av::MediaSpec& s) { s.video.encoder_preset = "slow"; }},
        {"tune", [](av::MediaSpec& s) { s.video.tune = "film"; }},
        {"gop", [](av::MediaSpec& s) { s.video.gop_seconds = 3; }},
        {"b-frames", [](av::MediaSpec& s) { s.video.bframes = 1; }},
        {"option", [](av::MediaSpec& s) { s.video.options["x264-params"] = "ref=1"; }},
        {"blend",
         [](av::MediaSpec& s) {
             s.blends = {{0, 10}};
         }},
        {"finer frames",
         [](av::MediaSpec& s) {
             s.finer = {0, 1};
         }},
    };
    std::set<std::string> recipes;
    for (const auto& [what, change] : changes) {
        av::MediaSpec changed = spec;
        change(changed);
        EXPECT_TRUE(recipes.insert(av::recipe_of(changed).dump()).second) << what;
    }
    av::MediaSpec named = spec; // what is no part of a segment
    named.title = "Another";
    named.threads = 7;
    EXPECT_FALSE(recipes.insert(av::recipe_of(named).dump()).second);
}

TEST_F(SegmentTest, ASegmentIsProvenByDecodingIt)
{
    const std::filesystem::path clip = dir_ / "clip.mp4";
    test::write_scene(clip, {.frames = 40, .size = "320x180"});
    EXPECT_EQ(av::verify_segment(clip, {24, 1}, 40).size(), 40U);
    EXPECT_THROW(av::verify_segment(clip, {24, 1}, 39), Error);
    EXPECT_THROW(av::verify_segment(clip, {24, 1}, 41), Error);
    EXPECT_THROW(av::verify_segment(clip, {25, 1}, 40), Error);
}

} // namespace
} // namespace longtake
