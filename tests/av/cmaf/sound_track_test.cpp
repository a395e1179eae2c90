#include "pipeline/av/cmaf/sound_track.h"

#include "pipeline/av/cmaf/track_index.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace longtake::av::cmaf {
namespace {

/// Silence with one click, at this sample.
SoundSource click_at(std::int64_t click, std::int64_t samples)
{
    return [=, at = std::int64_t{0}](std::span<float> stereo) mutable {
        const auto count = std::min<std::int64_t>(std::ssize(stereo) / 2, samples - at);
        for (std::int64_t n = 0; n < count; ++n, ++at) {
            const float value = at >= click && at < click + 240 ? 0.8F : 0.0F;
            stereo[2 * n] = stereo[2 * n + 1] = value;
        }
        return static_cast<std::size_t>(count);
    };
}

class SoundTrackTest : public ::testing::Test {
protected:
    SoundTrackTest()
    {
        spec_.audio = Preset::Audio{};
        spec_.audio->codec = "aac";
        spec_.audio->bitrate = 128000;
        write_sound_track(dir_ / "sound.mp4", spec_, click_at(96000, 240000), starts_);
    }

    test::TempDir dir_;
    MediaSpec spec_;
    const std::vector<double> starts_ = {0, 1.5, 3.4, 4.9};
};

TEST_F(SoundTrackTest, ItsSegmentsBeginWithThePacketThatPlaysWhenThoseOfThePictureDo)
{
    const TrackIndex track = read_track(dir_ / "sound.mp4");
    ASSERT_EQ(track.fragments.size(), starts_.size());
    EXPECT_EQ(track.codec, "mp4a.40.2");
    EXPECT_EQ(track.channels, 2);
    EXPECT_EQ(track.sample_rate, 48000);
    for (std::size_t i = 0; i < starts_.size(); ++i) {
        const double start = track.seconds(track.fragments[i].start);
        EXPECT_LE(start, starts_[i]);
        EXPECT_GT(start, starts_[i] - 1024 / 48000.0);
    }
    EXPECT_GE(track.seconds(track.ticks()), 5.0) << "to the end of the film, and less than a packet beyond";
    EXPECT_LT(track.seconds(track.ticks()), 5.0 + 2 * 1024 / 48000.0);
}

TEST_F(SoundTrackTest, AClickIsHeardWhenItIsMeantTo)
{
    const std::filesystem::path raw = dir_ / "sound.raw";
    test::ffmpeg("-i '" + (dir_ / "sound.mp4").string() + "' -f f32le -ac 1 '" + raw.string() + "'");
    std::ifstream in(raw, std::ios::binary);
    std::vector<float> samples(std::filesystem::file_size(raw) / sizeof(float));
    in.read(reinterpret_cast<char*>(samples.data()), static_cast<std::streamsize>(samples.size() * sizeof(float)));
    const auto heard = std::ranges::find_if(samples, [](float x) { return std::abs(x) > 0.4F; }) - samples.begin();
    EXPECT_NEAR(static_cast<double>(heard), 96000, 48) << "within a millisecond";
}

} // namespace
} // namespace longtake::av::cmaf
