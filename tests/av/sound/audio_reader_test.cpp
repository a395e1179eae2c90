#include "pipeline/av/sound/audio_reader.h"

#include "pipeline/base/error.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <numbers>
#include <string>
#include <vector>

namespace longtake::av {
namespace {

using test::ffmpeg;
using test::rms;
using test::sine;
using test::sound;
using test::TempDir;
using test::worst_residual;
using test::write_wav;

constexpr double k_hz = 440;
constexpr double k_level = 0.5;

std::vector<float> read_all(AudioReader& reader, std::size_t block = 1000)
{
    std::vector<float> all;
    std::vector<float> part(2 * block);
    while (const std::size_t got = reader.read(part)) {
        all.insert(all.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(2 * got));
    }
    return all;
}

std::vector<float> read_file(const std::filesystem::path& file, std::int64_t start = 0)
{
    AudioReader reader(file, 48000, start);
    return read_all(reader);
}

/// By how many samples a tone of 440 Hz comes late, measured over [from, from + 2400); |late| < 54.
double late(const std::vector<float>& stereo, std::size_t from, std::int64_t counted_from = 0)
{
    double in_phase = 0;
    double quadrature = 0;
    for (std::size_t n = from; n < from + 2400; ++n) {
        const double angle =
            2 * std::numbers::pi * k_hz * (static_cast<double>(n) + static_cast<double>(counted_from)) / 48000;
        in_phase += stereo[2 * n] * std::sin(angle);
        quadrature += stereo[2 * n] * std::cos(angle);
    }
    return -std::atan2(quadrature, in_phase) / (2 * std::numbers::pi * k_hz) * 48000;
}

class AudioReaderTest : public ::testing::Test {
protected:
    /// Two seconds of tone, encoded by the ffmpeg program.
    std::filesystem::path tone(const std::string& name, const std::string& options)
    {
        write_wav(dir_ / "tone.wav", sound(96000, sine(k_hz, k_level)));
        ffmpeg("-i " + (dir_ / "tone.wav").string() + " " + options + " " + (dir_ / name).string());
        return dir_ / name;
    }

    /// A one-second picture and the tone in one file.
    std::filesystem::path film(const std::string& name, const std::string& tone_options, const std::string& options)
    {
        write_wav(dir_ / "tone.wav", sound(96000, sine(k_hz, k_level)));
        ffmpeg("-f lavfi -i color=s=64x64:r=25:d=2 " + tone_options + " -i " + (dir_ / "tone.wav").string() +
               " -c:v libx264 -preset ultrafast -bf 2 -c:a aac " + options + " " + (dir_ / name).string());
        return dir_ / name;
    }

    TempDir dir_;
};

TEST_F(AudioReaderTest, LeavesOutThePrimingAndPaddingOfAac)
{
    const auto stereo = read_file(tone("tone.m4a", "-c:a aac -b:a 192k"));
    EXPECT_EQ(stereo.size(), 2U * 96000);
    EXPECT_NEAR(late(stereo, 48000), 0, 0.1);
    EXPECT_LT(worst_residual(stereo, k_hz, 0, 96000), 0.02);
}

TEST_F(AudioReaderTest, GivesLosslessFormatsBackExactly)
{
    const auto wanted = sound(96000, sine(k_hz, k_level));
    for (const std::string name : {"tone.flac", "copy.wav"}) {
        const auto stereo = read_file(tone(name, name == "copy.wav" ? "-c:a pcm_f32le" : "-sample_fmt s32"));
        ASSERT_EQ(stereo.size(), wanted.size()) << name;
        double worst = 0;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            worst = std::max(worst, std::abs(static_cast<double>(stereo[i]) - wanted[i]));
        }
        EXPECT_LT(worst, 1e-6) << name;
    }
}

TEST_F(AudioReaderTest, BeginsMp3OpusAndVorbisAtTheirFirstSound)
{
    for (const auto& [name, options] : {std::pair{"tone.mp3", "-c:a libmp3lame -b:a 192k"},
                                        {"tone.opus", "-c:a libopus -b:a 128k"},
                                        {"tone.webm", "-c:a libopus -b:a 128k"},
                                        {"tone.ogg", "-c:a libvorbis -q:a 6"}}) {
        const auto stereo = read_file(tone(name, options));
        EXPECT_NEAR(static_cast<double>(stereo.size() / 2), 96000, 50) << name;
        EXPECT_NEAR(late(stereo, 48000), 0, 0.5) << name;
    }
}

TEST_F(AudioReaderTest, ResamplesInPhaseAndKeepsTheLevel)
{
    const auto stereo = read_file(tone("cd.wav", "-ar 44100 -c:a pcm_f32le"));
    EXPECT_NEAR(static_cast<double>(stereo.size() / 2), 96000, 2);
    EXPECT_NEAR(late(stereo, 48000), 0, 0.05);
    EXPECT_NEAR(rms(stereo, 4800, 91200), k_level / std::sqrt(2), 1e-3);
    EXPECT_LT(worst_residual(stereo, k_hz, 960, 95000), 1e-3);
}

TEST_F(AudioReaderTest, CarriesMonoOnBothChannelsThreeDecibelsDown)
{
    const auto stereo = read_file(tone("mono.wav", "-af \"pan=mono|c0=c0\" -ar 44100 -c:a pcm_f32le"));
    EXPECT_NEAR(rms(stereo, 4800, 91200), k_level / 2, 1e-3);
    EXPECT_FLOAT_EQ(stereo[20000], stereo[20001]);
}

TEST_F(AudioReaderTest, StartsAtAnySampleExactly)
{
    for (const auto& [name, options] :
         {std::pair{"tone.m4a", "-c:a aac -b:a 192k"}, {"tone.mp3", "-b:a 192k"}, {"cd.wav", "-ar 44100"}}) {
        const auto file = tone(name, options);
        const auto whole = read_file(file);
        for (const std::int64_t start : {1, 1023, 48001, 95000}) {
            const auto part = read_file(file, start);
            ASSERT_EQ(part.size(), whole.size() - 2 * static_cast<std::size_t>(start)) << name << " " << start;
            for (std::size_t i = 0; i < part.size(); i += 7) {
                ASSERT_NEAR(part[i], whole[i + 2 * static_cast<std::size_t>(start)], 1e-5) << name << " " << start;
            }
        }
    }
}

TEST_F(AudioReaderTest, SeeksInLongFilesToTheSameSamples)
{
    write_wav(dir_ / "long.wav", sound(15 * 48000, sine(k_hz, k_level)));
    for (const std::string name : {"long.m4a", "long.mka"}) {
        ffmpeg("-i " + (dir_ / "long.wav").string() + " -c:a aac -b:a 128k " + (dir_ / name).string());
        const auto whole = read_file(dir_ / name);
        const auto part = read_file(dir_ / name, 12 * 48000 + 77);
        ASSERT_EQ(part.size(), whole.size() - 2 * (12 * 48000 + 77)) << name;
        for (std::size_t i = 0; i < part.size(); i += 101) {
            // AAC's noise substitution is random, so not bit for bit; one sample off would be 0.03.
            ASSERT_NEAR(part[i], whole[i + 2 * (12 * 48000 + 77)], 2e-3) << name;
        }
    }
}

TEST_F(AudioReaderTest, HasNothingToSayBeyondTheEnd)
{
    EXPECT_TRUE(read_file(tone("copy.wav", "-c:a pcm_s16le"), 200000).empty());
}

TEST_F(AudioReaderTest, KeepsSoundThatStartsLateInItsPlace)
{
    const auto stereo = read_file(film("late.mp4", "-itsoffset 0.5", ""));
    EXPECT_LT(rms(stereo, 0, 22000), 1e-4);
    EXPECT_NEAR(rms(stereo, 26000, 90000), k_level / std::sqrt(2), 0.01);
    EXPECT_NEAR(late(stereo, 48000), 0, 48.0); // FFmpeg's muxer rounds an edit list to milliseconds
}

TEST_F(AudioReaderTest, CountsFromTheFirstPicture)
{
    // Transport streams begin at 1.4 s, and Matroska moves the picture behind AAC's priming.
    for (const std::string name : {"film.ts", "film.mkv"}) {
        const auto stereo = read_file(film(name, "", ""));
        EXPECT_NEAR(late(stereo, 48000), 0, 25) << name; // Matroska counts milliseconds: +-24 samples
    }
}

TEST_F(AudioReaderTest, FillsGapsWithSilenceSoThatLaterSoundStaysInPlace)
{
    // Without the 23 packets from 0.49 s to 0.98 s.
    const auto file = tone("gap.m4a", "-c:a aac -b:a 192k");
    ffmpeg("-i " + file.string() + " -c copy -bsf:a \"noise=drop='between(n,24,46)'\" " + (dir_ / "gap.mkv").string());
    const auto stereo = read_file(dir_ / "gap.mkv");
    EXPECT_LT(rms(stereo, 27000, 45000), 1e-4);
    EXPECT_NEAR(rms(stereo, 51000, 96000), k_level / std::sqrt(2), 0.01);
    EXPECT_NEAR(static_cast<double>(stereo.size() / 2), 96000 + 1024, 1024); // nothing moved up; padding stays
}

TEST_F(AudioReaderTest, NeverMistakesDamageForTheEnd)
{
    for (const auto& [name, options] : {std::pair{"tone.m4a", "-c:a aac -movflags faststart"},
                                        {"tone.flac", ""},
                                        {"copy.wav", ""},
                                        {"tone.mp3", ""},
                                        {"tone.opus", "-c:a libopus"},
                                        {"tone.webm", "-c:a libopus"}}) {
        const auto file = tone(name, options);
        std::filesystem::resize_file(file, std::filesystem::file_size(file) * 6 / 10);
        try {
            read_file(file);
            ADD_FAILURE() << name << ": read to its end";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::input) << error.what();
            EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
        }
    }
}

TEST_F(AudioReaderTest, SeesAWavFileCutBetweenPackets)
{
    const auto file = tone("copy.wav", "-c:a pcm_s16le");
    std::filesystem::resize_file(file, 78 + 10 * 4096 * 4);
    EXPECT_THROW(read_file(file), Error);
}

TEST_F(AudioReaderTest, ReadsWavFilesFromAPipeToTheirEnd)
{
    const auto file = tone("piped.wav", "-f wav - | cat >");
    EXPECT_EQ(read_file(file).size(), 2U * 96000);
}

TEST_F(AudioReaderTest, RejectsBytesThatDoNotDecode)
{
    for (const auto& [name, options] : {std::pair{"tone.m4a", "-c:a aac"}, {"tone.flac", ""}, {"tone.ogg", ""}}) {
        const auto file = tone(name, options);
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file) / 2));
        for (int i = 0; i < 300; ++i) {
            bytes.put(static_cast<char>(i * 197 + 31));
        }
        bytes.close();
        EXPECT_THROW(read_file(file), Error) << name;
    }
}

TEST_F(AudioReaderTest, SaysWhatIsMissing)
{
    ffmpeg("-f lavfi -i color=s=64x64:r=25:d=0.2 " + (dir_ / "mute.mp4").string());
    for (const std::string name : {"mute.mp4", "absent.wav"}) {
        try {
            read_file(dir_ / name);
            ADD_FAILURE() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::input);
            EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
        }
    }
}

} // namespace
} // namespace longtake::av
