#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/base/error.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace longtake::av {
namespace {

constexpr int k_sample_rate = 48000;
constexpr double k_tone_hz = 440;

/// Kinds of sound as people bring it, read for a film.
class SoundKindsTest : public ::testing::Test {
protected:
    std::string made(const std::string& name, const std::string& options)
    {
        test::ffmpeg(options + " '" + path(name) + "'");
        return path(name);
    }

    std::string path(const std::string& name) const { return (dir_ / name).string(); }

    std::string bytes(const std::string& name) const
    {
        std::ifstream in(path(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    static std::vector<float> read(const std::string& file)
    {
        AudioReader reader(file, k_sample_rate);
        std::vector<float> all;
        std::vector<float> part(8192);
        while (const std::size_t got = reader.read(part)) {
            all.insert(all.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(2 * got));
        }
        return all;
    }

    /// The level of one frequency in a stretch of one channel, by Goertzel's sum.
    static double level(const std::vector<float>& stereo, std::size_t channel, double hz, std::size_t from,
                        std::size_t to)
    {
        double in_phase = 0;
        double quadrature = 0;
        for (std::size_t n = from; n < to; ++n) {
            const double angle = 2 * M_PI * hz * static_cast<double>(n) / k_sample_rate;
            in_phase += stereo[2 * n + channel] * std::sin(angle);
            quadrature += stereo[2 * n + channel] * std::cos(angle);
        }
        return 2 * std::hypot(in_phase, quadrature) / static_cast<double>(to - from);
    }

    static float peak(const std::vector<float>& stereo)
    {
        float most = 0;
        for (const float sample : stereo) {
            most = std::max(most, std::abs(sample));
        }
        return most;
    }

    test::TempDir dir_;
};

constexpr const char* k_tone = "-f lavfi -i aevalsrc='0.5*sin(2*PI*440*t)':s=48000:d=3 ";

/// Recorders round durations, containers round times: the samples are contiguous all the same.
TEST_F(SoundKindsTest, TimestampsThatWobbleDoNotCutTheSoundUp)
{
    const std::string plain = made("plain.m4a", std::string(k_tone) + "-c:a aac -b:a 256k");
    const double clean = test::worst_residual(read(plain), k_tone_hz, 9600, 120000);
    const std::vector<std::pair<std::string, std::string>> kinds = {
        {"rounded.mp4", "-bsf:a 'setts=ts=round(TS/48)*48'"},
        {"shaken.ts", "-bsf:a 'setts=ts=TS+144*mod(N\\,2)' -pes_payload_size 0"},
        {"coarse.mkv", "-bsf:a 'setts=ts=TS+12*mod(N\\,2)'"},
    };
    for (const auto& [name, how] : kinds) {
        const std::string wobbling = made(name, "-i '" + plain + "' -c copy " + how);
        EXPECT_LT(test::worst_residual(read(wobbling), k_tone_hz, 9600, 120000), 1.2 * clean + 1e-4) << name;
    }
}

/// A step that stays is a part that is missing.
TEST_F(SoundKindsTest, AStepThatStaysIsBelievedOnce)
{
    const std::string plain = made("plain.m4a", std::string(k_tone) + "-c:a aac -b:a 256k");
    const std::string stepped = made("stepped.mp4", "-i '" + plain + "' -c copy -bsf:a 'setts=ts=TS+gte(N\\,70)*1440'");
    EXPECT_NEAR(static_cast<double>(read(stepped).size()) / 2, 3 * k_sample_rate + 1440, 64);
    const std::string gap = made("gap.mp4", "-i '" + plain + "' -c copy -bsf:a 'setts=ts=TS+gte(N\\,70)*24000'");
    const std::vector<float> with_gap = read(gap);
    EXPECT_NEAR(static_cast<double>(with_gap.size()) / 2, 3 * k_sample_rate + 24000, 64);
    EXPECT_LT(test::rms(with_gap, 74000, 90000), 1e-4);
}

/// A timestamp that is damaged would be a silence of years.
TEST_F(SoundKindsTest, ALeapOfDaysIsDamage)
{
    const std::string plain = made("plain.m4a", std::string(k_tone) + "-c:a aac -b:a 256k");
    const std::string leap =
        made("leap.mkv", "-i '" + plain + "' -c copy -bsf:a 'setts=ts=TS+gte(N\\,70)*9000000000000'");
    EXPECT_THROW(read(leap), Error);
    AudioReader lenient(leap, k_sample_rate, 0, Damage::passed_over);
    std::vector<float> stereo(2UL * 4 * k_sample_rate);
    EXPECT_NEAR(static_cast<double>(lenient.read(stereo)), 3 * k_sample_rate, 4096);
}

/// At a few samples a second each would take memory as a minute does.
TEST_F(SoundKindsTest, ARateThatIsNoSoundsIsRefused)
{
    EXPECT_THROW(read(made("slow.wav", "-f lavfi -i aevalsrc=0:s=100:d=2 -c:a pcm_s16le")), Error);
    EXPECT_EQ(read(made("low.wav", "-f lavfi -i aevalsrc=0:s=4000:d=2 -c:a pcm_s16le")).size(), 2U * 2 * k_sample_rate);
}

TEST_F(SoundKindsTest, OggVorbisWithBeatsIsWhole)
{
    const std::string beats = made(
        "beats.ogg", "-f lavfi -i \"aevalsrc='if(lt(mod(t*3,1),0.02),0.8*sin(3000*PI*t),0.05*sin(400*PI*t))':s=48000:"
                     "d=4\" -c:a libvorbis");
    EXPECT_EQ(read(beats).size(), 2U * 4 * k_sample_rate);
}

/// Two broadcasts, one after the other.
TEST_F(SoundKindsTest, TheSampleRateMayChangeMidway)
{
    made("first.aac", "-f lavfi -i aevalsrc='0.5*sin(2*PI*440*t)':s=48000:d=2 -c:a aac -b:a 192k");
    made("second.aac", "-f lavfi -i aevalsrc='0.5*sin(2*PI*880*t)':s=32000:d=2 -c:a aac -b:a 192k");
    std::ofstream(path("both.aac"), std::ios::binary) << bytes("first.aac") << bytes("second.aac");
    const std::vector<float> sound = read(path("both.aac"));
    EXPECT_NEAR(static_cast<double>(sound.size()) / 2, 4 * k_sample_rate, 8000); // with both primings
    EXPECT_GT(level(sound, 0, 440, 24000, 72000), 0.3);
    EXPECT_GT(level(sound, 0, 880, 120000, 168000), 0.3);
    EXPECT_LT(level(sound, 0, 440, 120000, 168000), 0.01);
}

TEST_F(SoundKindsTest, TheLayoutMayChangeMidway)
{
    made("first.ac3", "-f lavfi -i aevalsrc='0.5*sin(2*PI*440*t)':s=48000:d=2 -ac 2 -c:a ac3");
    made("second.ac3",
         "-f lavfi -i aevalsrc='0.5*sin(2*PI*880*t)':s=48000:d=2 -af 'pan=5.1|FL=c0|FR=c0|FC=c0|BL=c0|BR=c0' "
         "-c:a ac3");
    std::ofstream(path("both.ac3"), std::ios::binary) << bytes("first.ac3") << bytes("second.ac3");
    const std::vector<float> sound = read(path("both.ac3"));
    EXPECT_NEAR(static_cast<double>(sound.size()) / 2, 4 * k_sample_rate, 4000);
    EXPECT_GT(level(sound, 0, 440, 24000, 72000), 0.3);
    EXPECT_GT(level(sound, 1, 880, 120000, 168000), 0.3);
}

TEST_F(SoundKindsTest, ManyChannelsAreMixedDownWithoutClipping)
{
    const std::string loud = made("loud.wav", "-f lavfi -i aevalsrc='sin(2*PI*440*t)':s=48000:d=1 -af "
                                              "'pan=5.1|FL=c0|FR=c0|FC=c0|LFE=c0|BL=c0|BR=c0' -c:a pcm_s16le");
    const std::vector<float> sound = read(loud);
    EXPECT_LE(peak(sound), 1.0F);
    EXPECT_GT(peak(sound), 0.98F);
}

TEST_F(SoundKindsTest, TheMicrophonesOfACameraAreLeftAndRight)
{
    const std::string camera = made(
        "camera.mxf", "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -f lavfi -i aevalsrc='0.5*sin(2*PI*440*t)':s=48000:d=2 "
                      "-f lavfi -i aevalsrc='0.5*sin(2*PI*880*t)':s=48000:d=2 -map 0 -map 1 -map 2 -c:v mpeg2video "
                      "-b:v 5M -c:a pcm_s16le -ac 1");
    const std::vector<float> sound = read(camera);
    EXPECT_NEAR(level(sound, 0, 440, 9600, 86400), 0.5, 0.01);
    EXPECT_NEAR(level(sound, 1, 880, 9600, 86400), 0.5, 0.01);
    EXPECT_LT(level(sound, 0, 880, 9600, 86400), 0.001);
}

TEST_F(SoundKindsTest, TheDefaultTrackIsHeard)
{
    const std::string two = made(
        "two.mp4", "-f lavfi -i anullsrc=r=48000:cl=stereo -f lavfi -i aevalsrc='0.5*sin(2*PI*440*t)':s=48000:d=2 -t 2 "
                   "-map 0 -map 1 -c:a aac -disposition:a:0 0 -disposition:a:1 default");
    EXPECT_GT(peak(read(two)), 0.3F);
}

/// Two recordings joined by `cat`, the second with its tag, and junk after it.
TEST_F(SoundKindsTest, TagsAndJunkBetweenMpegFramesAreSkipped)
{
    made("one.mp3", std::string(k_tone) + "-c:a libmp3lame -metadata title=One -id3v2_version 3");
    std::ofstream(path("both.mp3"), std::ios::binary) << bytes("one.mp3") << bytes("one.mp3") << std::string(3000, 'x');
    EXPECT_NEAR(static_cast<double>(read(path("both.mp3")).size()) / 2, 6 * k_sample_rate, 8000);
}

} // namespace
} // namespace longtake::av
