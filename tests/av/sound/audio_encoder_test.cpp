#include "pipeline/av/media_writer.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace longtake::test {
namespace {

constexpr std::int64_t k_frame = 1024;
constexpr std::size_t k_window = 256;
constexpr std::int64_t k_seam = 480 * k_frame;      ///< samples from one piece to the next
constexpr std::int64_t k_last_seam = 200 * k_frame; ///< samples into the last piece, which is halved

class AudioEncoderTest : public testing::Test {
protected:
    static av::MediaSpec spec(const std::string& codec = "aac")
    {
        av::MediaSpec media;
        media.audio.emplace();
        media.audio->codec = codec;
        media.audio->bitrate = 192000;
        return media;
    }

    /// What the sound is when it has been encoded and decoded: as long, its priming left out.
    static std::vector<float> heard(const std::vector<float>& stereo, const av::MediaSpec& media = spec())
    {
        std::size_t at = 0;
        std::vector<float> all;
        av::encode_and_hear(
            media,
            [&](std::span<float> block) {
                const std::size_t count = std::min(block.size(), stereo.size() - at);
                std::copy_n(stereo.begin() + static_cast<std::ptrdiff_t>(at), count, block.begin());
                at += count;
                return count / 2;
            },
            [&](std::span<const float> block) { all.insert(all.end(), block.begin(), block.end()); });
        return all;
    }

    /// The same of one encoder that encodes from beginning to end.
    std::vector<float> heard_at_once(const std::vector<float>& stereo) const
    {
        const auto wav = write_wav(dir_ / "sound.wav", stereo);
        const auto encoded = dir_ / "sound.m4a";
        ffmpeg("-i " + wav.string() + " -c:a aac -aac_coder fast -b:a 192k " + encoded.string());
        const std::string bytes = output_of("ffmpeg -nostdin -v error -i " + encoded.string() + " -f f32le -");
        std::vector<float> all(bytes.size() / sizeof(float));
        std::memcpy(all.data(), bytes.data(), all.size() * sizeof(float));
        return all;
    }

    /// Coloured noise that swells, over it clicks: one near every seam, each a little later against its seam than the
    /// last.
    static std::vector<float> music_with_clicks(int pieces, std::int64_t first, std::int64_t step)
    {
        std::mt19937 random(7);
        std::uniform_real_distribution<double> noise(-1, 1);
        double left = 0;
        double right = 0;
        std::vector<float> stereo;
        const std::int64_t samples = pieces * k_seam + 2 * k_last_seam + 77;
        for (std::int64_t n = 0; n < samples; ++n) {
            left += 0.08 * (noise(random) - left);
            right += 0.08 * (0.5 * left + noise(random) - right);
            const double swell = 0.25 + 0.2 * std::sin(static_cast<double>(n) / 9000);
            const std::int64_t seam = (n + k_seam / 2) / k_seam;
            const std::int64_t since = n - seam * k_seam - (first + seam * step);
            const double click = seam > 0 && since >= 0 && since < 40 ? (since % 2 == 0 ? 0.6 : -0.6) : 0;
            stereo.insert(stereo.end(),
                          {static_cast<float>(left * swell + click), static_cast<float>(right * swell + click)});
        }
        return stereo;
    }

    /// The mean square error of the sound over each `k_window` samples of [from, to).
    static std::vector<double> errors(const std::vector<float>& sound, std::size_t delay,
                                      const std::vector<float>& original, std::size_t from, std::size_t to)
    {
        std::vector<double> means;
        for (std::size_t start = from; start + k_window <= to; start += k_window) {
            double sum = 0;
            for (std::size_t i = 2 * start; i < 2 * (start + k_window); ++i) {
                const double error = sound.at(i + 2 * delay) - original[i];
                sum += error * error;
            }
            means.push_back(sum / (2 * k_window));
        }
        return means;
    }

    TempDir dir_;
};

/// Pieces meet without a trace: near every seam, a click at every place against it, no worse than one encoder does.
TEST_F(AudioEncoderTest, SeamsOfPiecesAreNotHeard)
{
    constexpr int pieces = 12;
    for (const std::int64_t first : {-3 * k_frame, -3 * k_frame + 192}) {
        const auto original = music_with_clicks(pieces, first, 448);
        const auto ours = heard(original);
        const auto theirs = heard_at_once(original);
        ASSERT_GE(ours.size() / 2, original.size() / 2 + k_frame) << "priming and all of the sound";
        std::vector<std::size_t> seams{pieces * k_seam + k_last_seam};
        for (int i = 1; i <= pieces; ++i) {
            seams.push_back(static_cast<std::size_t>(i) * k_seam);
        }
        for (const std::size_t seam : seams) {
            const std::size_t from = seam - 4 * k_frame;
            const std::size_t to = seam + 4 * k_frame;
            const auto error = errors(ours, k_frame, original, from, to);
            const auto usual = errors(theirs, 0, original, from, to);
            double worst = 0;
            for (std::size_t i = 1; i + 1 < error.size(); ++i) {
                worst = std::max(worst, error[i] / *std::max_element(usual.begin() + i - 1, usual.begin() + i + 2));
            }
            EXPECT_LT(worst, 1.5) << "seam at " << seam << ", click from " << first;
        }
    }
}

TEST_F(AudioEncoderTest, TheSameSoundIsEncodedTheSameEveryTime)
{
    const auto original = music_with_clicks(2, 0, 0);
    EXPECT_EQ(heard(original), heard(original));
}

/// A film's length is what the packets say: as many of them as one encoder makes, wherever the last piece ends.
TEST_F(AudioEncoderTest, EveryLengthComesOutWhole)
{
    const std::vector<float> tone = sound(2 * k_seam + 3 * k_frame, sine(440, 0.5));
    for (const std::int64_t samples : {std::int64_t{1}, k_frame, k_seam - 1, k_seam, k_seam + 1, k_seam + k_frame,
                                       k_seam + k_frame + 1, 192 * k_frame, 193 * k_frame + 1, k_seam + 250 * k_frame,
                                       2 * k_seam + k_frame, 2 * k_seam + 2 * k_frame + 1}) {
        const std::vector<float> part(tone.begin(), tone.begin() + 2 * samples);
        const auto frames = static_cast<std::int64_t>(heard(part).size()) / 2 / k_frame;
        EXPECT_EQ(frames, (samples + k_frame - 1) / k_frame + 1) << samples << " samples";
    }
}

} // namespace
} // namespace longtake::test
