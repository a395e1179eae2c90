#include "pipeline/av/media_writer.h"

#include "pipeline/av/picture/reframe.h"
#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace longtake {
namespace {

class MediaWriterTest : public ::testing::Test {
protected:
    /// A tone of `seconds` at -20 dBFS.
    static av::SoundSource tone(double seconds)
    {
        auto left = std::make_shared<std::int64_t>(std::llround(seconds * 48000));
        auto at = std::make_shared<std::int64_t>(0);
        return [left, at](std::span<float> stereo) {
            const auto count = std::min<std::int64_t>(*left, static_cast<std::int64_t>(stereo.size() / 2));
            for (std::int64_t i = 0; i < count; ++i, ++*at) {
                const auto value =
                    static_cast<float>(0.1 * std::sin(2 * 3.14159265358979 * 440 * static_cast<double>(*at) / 48000.0));
                stereo[static_cast<std::size_t>(2 * i)] = value;
                stereo[static_cast<std::size_t>(2 * i + 1)] = value;
            }
            *left -= count;
            return static_cast<std::size_t>(count);
        };
    }

    static av::MediaSpec spec()
    {
        av::MediaSpec spec;
        spec.size = {160, 96};
        spec.rate = {30, 1};
        spec.video.codec = "h264";
        spec.video.encoder = "libx264";
        spec.video.encoder_preset = "veryfast";
        spec.video.crf = 20;
        spec.video.gop_seconds = 0.5;
        Preset::Audio audio;
        audio.codec = "aac";
        audio.bitrate = 128000;
        spec.audio = audio;
        return spec;
    }

    static void write(const std::filesystem::path& file, const av::MediaSpec& spec, int frames)
    {
        av::MediaWriter writer(file, spec, tone(spec.rate.seconds(frames)));
        for (int i = 0; i < frames; ++i) {
            writer.write(av::Frame::plain(spec.size, static_cast<std::uint8_t>(30 + i), 128, 128));
        }
        writer.finish();
    }

    test::TempDir dir_;
};

TEST_F(MediaWriterTest, WritesExactlyItsFramesAtAConstantRateTaggedBt709)
{
    write(dir_ / "a.mp4", spec(), 61);
    const av::MediaInfo info = av::probe(dir_ / "a.mp4");
    EXPECT_EQ(info.video->matrix, "bt709");
    EXPECT_EQ(info.video->primaries, "bt709");
    EXPECT_EQ(info.video->transfer, "bt709");
    EXPECT_EQ(info.video->range, "tv");
    EXPECT_EQ(info.video->sample_aspect_ratio, "1:1");
    EXPECT_EQ(info.audio->codec, "aac");
    const av::Measured measured = av::measure(dir_ / "a.mp4");
    EXPECT_EQ(measured.frames, 61);
    EXPECT_TRUE(measured.constant_rate);
    EXPECT_NEAR(static_cast<double>(measured.samples), 61 / 30.0 * 48000, 1024);
}

TEST_F(MediaWriterTest, PutsTheIndexFirst)
{
    write(dir_ / "a.mp4", spec(), 10);
    std::ifstream in(dir_ / "a.mp4", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

TEST_F(MediaWriterTest, WritesNoEditListWhenAskedNotTo)
{
    const auto bytes_of = [&](const std::string& name) {
        std::ifstream in(dir_ / name, std::ios::binary);
        return std::string((std::istreambuf_iterator<char>(in)), {});
    };
    write(dir_ / "with.mp4", spec(), 30);
    av::MediaSpec without = spec();
    without.edit_list = false;
    write(dir_ / "without.mp4", without, 30);
    EXPECT_NE(bytes_of("with.mp4").find("elst"), std::string::npos);
    EXPECT_EQ(bytes_of("without.mp4").find("elst"), std::string::npos);
    const av::Measured measured = av::measure(dir_ / "without.mp4");
    EXPECT_EQ(measured.frames, 30);
    EXPECT_TRUE(measured.constant_rate);
}

TEST_F(MediaWriterTest, TheSameFramesGiveTheSameFile)
{
    write(dir_ / "a.mp4", spec(), 20);
    write(dir_ / "b.mp4", spec(), 20);
    std::ifstream a(dir_ / "a.mp4", std::ios::binary);
    std::ifstream b(dir_ / "b.mp4", std::ios::binary);
    EXPECT_EQ(std::string((std::istreambuf_iterator<char>(a)), {}),
              std::string((std::istreambuf_iterator<char>(b)), {}));
}

TEST_F(MediaWriterTest, WritesProresAndAv1)
{
    av::MediaSpec prores = spec();
    prores.container = "mov";
    prores.video = {};
    prores.video.codec = "prores";
    prores.video.encoder = "prores_ks";
    prores.video.profile = "hq";
    prores.video.pixel_format = "yuv422p10le";
    prores.audio->codec = "pcm_s24le";
    prores.audio->bitrate = 0;
    av::MediaSpec av1 = spec();
    av1.container = "webm";
    av1.video = {};
    av1.video.codec = "av1";
    av1.video.encoder = "libsvtav1";
    av1.video.encoder_preset = "10";
    av1.video.crf = 35;
    av1.audio->codec = "opus";
    for (const auto& [name, format] : {std::pair{"a.mov", prores}, std::pair{"a.webm", av1}}) {
        {
            av::MediaWriter writer(dir_ / name, format, tone(0.5));
            av::Reframe reframe(format.size, Fit::pad, format.video.pixel_format);
            for (int i = 0; i < 15; ++i) {
                writer.write(reframe.apply(av::Frame::plain(format.size, 100, 128, 128)));
            }
            writer.finish();
        }
        const av::MediaInfo info = av::probe(dir_ / name);
        EXPECT_EQ(info.video->codec, format.video.codec);
        EXPECT_EQ(info.video->pixel_format, format.video.pixel_format);
        EXPECT_EQ(info.video->matrix, "bt709");
        EXPECT_EQ(info.audio->codec, format.audio->codec);
        EXPECT_EQ(av::measure(dir_ / name).frames, 15);
    }
}

TEST_F(MediaWriterTest, WritesHevcUnderTheSampleEntryThatApplesPlayersAskFor)
{
    av::MediaSpec hevc = spec();
    hevc.video = {};
    hevc.video.codec = "hevc";
    hevc.video.encoder = "libx265";
    hevc.video.encoder_preset = "ultrafast";
    hevc.video.options = {{"x265-params", "log-level=error"}};
    write(dir_ / "a.mp4", hevc, 10);
    std::ifstream file(dir_ / "a.mp4", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_NE(bytes.find("hvc1"), std::string::npos);
    EXPECT_EQ(bytes.find("hev1"), std::string::npos);
    EXPECT_EQ(av::measure(dir_ / "a.mp4").frames, 10);
}

TEST_F(MediaWriterTest, TheSecondOfTwoPassesSpendsTheBitRateItIsGiven)
{
    std::int64_t bytes[2] = {};
    for (const int times : {0, 1}) {
        av::MediaSpec passes = spec();
        passes.video.crf.reset();
        for (const int number : {1, 2}) {
            passes.pass = {number, (times + 1) * 100'000, dir_ / "film.pass"};
            av::MediaWriter writer(dir_ / "film.mp4", passes);
            for (int i = 0; i < 60; ++i) { // noise: any rate can be spent on it
                av::Frame noise = av::Frame::plain(passes.size, 128, 128, 128);
                auto seed = 7919U * static_cast<std::uint32_t>(i);
                for (int at = 0; at < noise.stride(0) * passes.size.height; ++at) {
                    seed = (seed * 1103515U + 12345U) & 0x7fffffffU;
                    noise.plane(0)[at] = static_cast<std::uint8_t>(100 + (seed >> 16) % 56);
                }
                writer.write(noise);
            }
            writer.finish();
            bytes[times] = writer.picture_bytes();
        }
        EXPECT_TRUE(std::filesystem::exists(dir_ / "film.pass"));
    }
    EXPECT_NEAR(static_cast<double>(bytes[0]), 25'000, 4'000) << "two seconds at 100 kbit/s";
    EXPECT_NEAR(static_cast<double>(bytes[1]), 50'000, 8'000);
}

TEST_F(MediaWriterTest, TunesX264ToWhatThePicturesAreLike)
{
    const auto settings_of = [](const std::filesystem::path& file) { // x264 writes them into the stream
        std::ifstream stream(file, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
        const auto from = bytes.find("x264 - core");
        return bytes.substr(from, bytes.find('\0', from) - from);
    };
    av::MediaSpec tuned = spec();
    write(dir_ / "plain.mp4", tuned, 4);
    tuned.video.tune = "grain";
    write(dir_ / "grain.mp4", tuned, 4);
    EXPECT_EQ(settings_of(dir_ / "plain.mp4").find("deadzone=6,6"), std::string::npos);
    EXPECT_NE(settings_of(dir_ / "grain.mp4").find("deadzone=6,6"), std::string::npos)
        << settings_of(dir_ / "grain.mp4");
}

TEST_F(MediaWriterTest, RefusesAFrameOfAnotherSize)
{
    av::MediaWriter writer(dir_ / "a.mp4", spec());
    EXPECT_THROW(writer.write(av::Frame::plain({8, 8}, 1, 1, 1)), Error);
}

TEST_F(MediaWriterTest, NamesAnEncoderThatIsNotThere)
{
    av::MediaSpec wrong = spec();
    wrong.video.encoder = "libx999";
    try {
        av::MediaWriter writer(dir_ / "a.mp4", wrong);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        EXPECT_NE(std::string(error.what()).find("libx999"), std::string::npos);
    }
}

} // namespace
} // namespace longtake
