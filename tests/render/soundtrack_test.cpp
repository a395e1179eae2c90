#include "pipeline/render/soundtrack.h"

#include "pipeline/av/sound/loudness.h"
#include "pipeline/base/error.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace longtake::render {
namespace {

using test::decibels;
using test::rms;
using test::sine;
using test::sound;
using test::worst_residual;
using test::write_wav;

constexpr std::size_t k_second = 48000;

Range footage(const std::filesystem::path& file, std::int64_t first, std::int64_t frames, bool sounds = true)
{
    Range range;
    range.file = file;
    range.first = first;
    range.frames = frames;
    range.sound = sounds;
    return range;
}

std::vector<float> read_all(Soundtrack::Reader& reader, std::size_t block = 4096)
{
    std::vector<float> all;
    std::vector<float> part(2 * block);
    while (const std::size_t got = reader.read(part)) {
        all.insert(all.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(2 * got));
    }
    return all;
}

Loudness measure(std::span<const float> stereo)
{
    av::LoudnessMeter meter;
    meter.add(stereo);
    return {meter.integrated(), meter.true_peak()};
}

class SoundtrackTest : public ::testing::Test {
protected:
    SoundtrackTest()
    {
        film_.rate = {30, 1};
        film_.size = {320, 240};
    }

    /// Appends a shot; `into` is how we come into it.
    void shot(std::vector<Range> ranges, TimelineTransition into = {})
    {
        Item item;
        item.shot = "shot-" + std::to_string(film_.items.size());
        item.start = film_.frames() - (into.held ? 0 : into.frames);
        item.transition = into;
        item.ranges = std::move(ranges);
        for (const Range& range : item.ranges) {
            item.frames += range.frames;
        }
        film_.items.push_back(std::move(item));
    }

    void silent_shot(std::int64_t frames) { shot({footage("unused.mp4", 0, frames, false)}); }

    std::filesystem::path wav(const std::string& name, std::span<const float> stereo)
    {
        return write_wav(dir_ / name, stereo);
    }

    std::filesystem::path tone(const std::string& name, double hz, double amplitude, std::size_t samples,
                               std::int64_t first = 0)
    {
        return wav(name, sound(samples, sine(hz, amplitude), first));
    }

    Soundtrack mix() { return Soundtrack::mix(film_, dir_ / "mix.f32", {}); }

    /// The mix as it is: what 0 dB of gain gives.
    std::vector<float> mixed()
    {
        const Soundtrack track = mix();
        auto reader = track.read(track.measured().integrated.value_or(-14), 20);
        EXPECT_EQ(reader.gain_db(), 0);
        auto all = read_all(reader);
        EXPECT_EQ(all.size(), 2 * static_cast<std::size_t>(track.samples()));
        return all;
    }

    void music(const std::filesystem::path& file, double gain_db = 0, bool duck = false)
    {
        film_.music = Music{};
        film_.music->file = file;
        film_.music->gain_db = gain_db;
        film_.music->duck = duck;
    }

    test::TempDir dir_;
    Timeline film_;
};

TEST_F(SoundtrackTest, HasExactlyTheFilmsSamples)
{
    film_.rate = {30000, 1001};
    const auto file = tone("a.wav", 440, 0.3, 2 * k_second);
    shot({footage(file, 0, 31)});
    shot({footage(file, 3, 17)});
    shot({footage("unused.mp4", 0, 1, false)});
    const auto all = mixed();
    EXPECT_EQ(all.size() / 2, 78478U); // 49 * 1001 / 30000 * 48000 = 78478.4
}

TEST_F(SoundtrackTest, PutsSoundAtItsPlaceToTheSample)
{
    auto clicks = std::vector<float>(2 * 3 * k_second, 0.0F);
    clicks[2 * 60000] = clicks[2 * 60000 + 1] = 1.0F;
    const auto file = wav("click.wav", clicks);
    silent_shot(30);
    shot({footage(file, 30, 30)}); // from 1 s of the file, at 1 s of the film
    const auto all = mixed();
    EXPECT_EQ(all[2 * 60000], 1.0F);
    EXPECT_EQ(all[2 * 60001], 0.0F);
}

TEST_F(SoundtrackTest, CutsOverHandlesWithoutADip)
{
    shot({footage(tone("a.wav", 440, 0.5, 3 * k_second), 0, 60)});
    shot({footage(tone("b.wav", 440, 0.5, 2 * k_second, 2 * k_second), 0, 60)});
    const auto all = mixed();
    EXPECT_LT(worst_residual(all, 440, k_second, 3 * k_second), 1e-3);
}

TEST_F(SoundtrackTest, CutsWhereAFileEndsWithoutADip)
{
    shot({footage(tone("a.wav", 440, 0.5, 2 * k_second), 0, 60)});
    shot({footage(tone("b.wav", 440, 0.5, 2 * k_second, 2 * k_second), 0, 60)});
    const auto all = mixed();
    EXPECT_LT(worst_residual(all, 440, k_second, 3 * k_second), 1e-3);
}

TEST_F(SoundtrackTest, JoinsTheTakesOfAShotFromAacFilesSeamlessly)
{
    tone("tone.wav", 440, 0.5, 6 * k_second);
    std::vector<Range> takes;
    for (int i = 0; i < 3; ++i) {
        const auto file = dir_ / ("take" + std::to_string(i) + ".mp4");
        test::ffmpeg("-ss " + std::to_string(2 * i) + " -t 2 -i " + (dir_ / "tone.wav").string() +
                     " -c:a aac -b:a 192k " + file.string());
        takes.push_back(footage(file, 0, 60));
    }
    shot(takes);
    const auto all = mixed();
    EXPECT_LT(worst_residual(all, 440, k_second / 2, 11 * k_second / 2), 0.02);
}

TEST_F(SoundtrackTest, CutsBetweenDifferentSoundsWithoutAClick)
{
    // Two tones that would jump by 0.9 at the cut.
    shot({footage(wav("a.wav", sound(3 * k_second, [](double) { return 0.45; })), 0, 60)});
    shot({footage(wav("b.wav", sound(3 * k_second, [](double) { return -0.45; })), 0, 60)});
    const auto all = mixed();
    double steepest = 0;
    for (std::size_t n = k_second; n < 3 * k_second; ++n) {
        steepest = std::max(steepest, std::abs(static_cast<double>(all[2 * n]) - all[2 * n - 2]));
    }
    EXPECT_LT(steepest, 0.9 / 480 * 1.1);
    EXPECT_NEAR(all[2 * 96000], 0.45, 0.01);
    EXPECT_NEAR(all[2 * 96480], -0.45, 0.01);
}

TEST_F(SoundtrackTest, LeavesRangesThatContinueEachOtherAlone)
{
    const auto file = tone("a.wav", 440, 0.5, 3 * k_second);
    shot({footage(file, 0, 30), footage(file, 30, 30)});
    const auto all = mixed();
    const auto wanted = sound(2 * k_second, sine(440, 0.5));
    for (std::size_t i = 2 * 1000; i < 2 * (2 * k_second - 1000); ++i) {
        ASSERT_EQ(all[i], wanted[i]) << i;
    }
}

TEST_F(SoundtrackTest, OpensAndClosesSoftly)
{
    shot({footage(wav("dc.wav", sound(2 * k_second, [](double) { return 0.5; })), 0, 30)});
    const auto all = mixed();
    EXPECT_LT(all[0], 0.01);
    EXPECT_NEAR(all[2 * 120], 0.25, 0.01);
    EXPECT_EQ(all[2 * 240], 0.5F);
    EXPECT_NEAR(all[2 * (k_second - 480)], 0.25, 0.01);
    EXPECT_LT(all[2 * (k_second - 1)], 0.01);
}

TEST_F(SoundtrackTest, CrossfadesOverlapsAtEqualPower)
{
    shot({footage(tone("a.wav", 440, 0.3, 2 * k_second), 0, 60)});
    shot({footage(tone("b.wav", 1330, 0.3, 2 * k_second), 0, 60)}, {TransitionType::dissolve, 30, false});
    const auto all = mixed();
    ASSERT_EQ(all.size(), 2 * 3 * k_second);
    const double alone = rms(all, 24000, 43200);
    for (std::size_t n = k_second; n < 2 * k_second; n += 4800) {
        EXPECT_NEAR(decibels(rms(all, n, n + 4800) / alone), 0, 0.3) << n;
    }
    EXPECT_LT(worst_residual(all, 1330, 2 * k_second + 500, 3 * k_second - 1000), 1e-3); // a is gone
}

TEST_F(SoundtrackTest, FadesThroughSilenceWithAFadeThroughBlack)
{
    shot({footage(tone("a.wav", 440, 0.3, 2 * k_second), 0, 60)});
    shot({footage(tone("b.wav", 1330, 0.3, 2 * k_second), 0, 60)}, {TransitionType::fade_black, 30, false});
    const auto all = mixed();
    EXPECT_LT(decibels(rms(all, 71500, 72500) / rms(all, 24000, 43200)), -30);
    EXPECT_LT(worst_residual(all, 440, k_second, 71900), 0.02); // b not yet
    EXPECT_LT(worst_residual(all, 1330, 72100, 95000), 0.02);   // a no more
}

TEST_F(SoundtrackTest, FadesTheOutgoingShotUnderAHeldPicture)
{
    shot({footage(tone("a.wav", 440, 0.3, 3 * k_second), 0, 60)});
    shot({footage(tone("b.wav", 1330, 0.3, 2 * k_second), 0, 60)}, {TransitionType::dissolve, 15, true});
    const auto all = mixed();
    ASSERT_EQ(all.size(), 2 * 4 * k_second);
    const double alone = rms(all, 24000, 62400);
    EXPECT_NEAR(decibels(rms(all, 60000, 72000) / alone), 0, 0.1);  // before the transition
    EXPECT_NEAR(decibels(rms(all, 83760, 84240) / alone), -3, 0.3); // its middle
    EXPECT_LT(rms(all, 95900, 96010), 0.01);
    EXPECT_NEAR(decibels(rms(all, 96600, 120000) / alone), 0, 0.1);
}

TEST_F(SoundtrackTest, AHeldMorphSoundsAsTheCutItHides)
{
    const auto file = tone("one.wav", 440, 0.3, 4 * k_second);
    shot({footage(file, 0, 60)});
    shot({footage(file, 60, 60)}, {TransitionType::morph, 15, true});
    const auto all = mixed();
    ASSERT_EQ(all.size(), 2 * 4 * k_second);
    EXPECT_LT(worst_residual(all, 440, 24000, 4 * k_second - 2000), 0.01);
    EXPECT_NEAR(decibels(rms(all, 83760, 95900) / rms(all, 24000, 62400)), 0, 0.1);
}

TEST_F(SoundtrackTest, EndsAFileThatIsShorterThanItsPicturesSoftly)
{
    shot({footage(tone("short.wav", 440, 0.5, k_second), 0, 60)});
    shot({footage("unused.mp4", 0, 30, false)});
    const auto all = mixed();
    EXPECT_LT(worst_residual(all, 440, 24000, k_second + 120), 0.05); // no click where it ends
    EXPECT_EQ(rms(all, k_second + 480, 3 * k_second), 0);
}

TEST_F(SoundtrackTest, LoopsMusicToTheFilmsLength)
{
    // 1.75 s that start over after 1.5 s in phase: a whole number of periods.
    music(tone("music.wav", 440, 0.5, 84000));
    silent_shot(180);
    const auto all = mixed();
    EXPECT_LT(worst_residual(all, 440, 0, 6 * k_second), 1e-3);
    EXPECT_NEAR(rms(all, 5 * k_second, 6 * k_second), 0.5 / std::sqrt(2), 0.01);
}

TEST_F(SoundtrackTest, KeepsThePowerWhereUnrelatedMusicStartsOver)
{
    std::vector<float> rising(2 * 96000);
    for (std::size_t n = 0; n < 96000; ++n) {
        rising[2 * n] = rising[2 * n + 1] =
            static_cast<float>(0.4 * std::sin((0.02 + 0.0000005 * static_cast<double>(n)) * static_cast<double>(n)));
    }
    music(wav("chirp.wav", rising));
    silent_shot(90);
    const auto all = mixed();
    for (std::size_t n = 82000; n < 98000; n += 2400) {
        EXPECT_NEAR(decibels(rms(all, n, n + 2400) / (0.4 / std::sqrt(2))), 0, 1.0) << n;
    }
}

TEST_F(SoundtrackTest, DoesNotLoopMusicThatIsLongEnough)
{
    music(tone("music.wav", 440, 0.5, 3 * k_second));
    silent_shot(90);
    EXPECT_EQ(mixed(), sound(3 * k_second, sine(440, 0.5)));
}

TEST_F(SoundtrackTest, FadesMusicInAndOut)
{
    music(tone("music.wav", 440, 0.5, 6 * k_second), -6);
    film_.music->fade_in = 1;
    film_.music->fade_out = 2;
    silent_shot(150);
    const auto all = mixed();
    const double whole = 0.5 * std::pow(10, -6 / 20.0) / std::sqrt(2);
    EXPECT_NEAR(rms(all, 60000, 140000), whole, 1e-3);
    EXPECT_LT(rms(all, 0, 480), 0.02 * whole);
    EXPECT_NEAR(decibels(rms(all, 23520, 24480) / whole), -3, 0.2);
    EXPECT_NEAR(decibels(rms(all, 191520, 192480) / whole), -3, 0.2);
    EXPECT_LT(rms(all, 239520, 240000), 0.02 * whole);
}

TEST_F(SoundtrackTest, DucksMusicUnderClipSound)
{
    music(tone("music.wav", 440, 0.5, 10 * k_second), 0, true);
    silent_shot(60);
    shot({footage(tone("voice.wav", 1330, 0.2, 3 * k_second), 0, 60)});
    silent_shot(90);
    const auto all = mixed();
    const double whole = 0.5 / std::sqrt(2);
    const auto music_level = [&](std::size_t from, std::size_t to) {
        double s = 0;
        double c = 0; // projected on 440 Hz, so that the voice does not count
        for (std::size_t n = from; n < to; ++n) {
            const double angle = 2 * std::numbers::pi * 440 * static_cast<double>(n) / 48000;
            s += all[2 * n] * std::sin(angle);
            c += all[2 * n] * std::cos(angle);
        }
        return decibels(std::hypot(s, c) * 2 / static_cast<double>(to - from) / std::sqrt(2) / whole);
    };
    EXPECT_NEAR(music_level(48000, 90000), 0, 0.05);   // well before
    EXPECT_NEAR(music_level(96000, 100800), -12, 0.3); // down when the voice starts
    EXPECT_NEAR(music_level(110400, 187200), -12, 0.1);
    EXPECT_NEAR(music_level(192480, 204000), -12, 0.1); // held
    EXPECT_NEAR(music_level(244800, 288000), 0, 0.1);   // back after 0.3 s + 0.6 s
}

TEST_F(SoundtrackTest, ReachesALoudnessByPlainGainWhereThePeaksAllow)
{
    shot({footage(tone("a.wav", 997, 0.05, 4 * k_second), 0, 120)});
    const Soundtrack track = mix();
    auto reader = track.read(-14, -1);
    EXPECT_EQ(reader.limited_db(), 0);
    const Loudness out = measure(read_all(reader));
    EXPECT_NEAR(*out.integrated, -14, 0.1);
    EXPECT_NEAR(reader.gain_db(), -14 - *track.measured().integrated, 1e-9);
}

TEST_F(SoundtrackTest, LeavesSoundThatIsNearlyRightAsItIs)
{
    shot({footage(tone("a.wav", 997, 0.05, 4 * k_second), 0, 120)});
    const Soundtrack track = mix();
    EXPECT_EQ(track.read(*track.measured().integrated + 0.45, -1).gain_db(), 0);
    EXPECT_NE(track.read(*track.measured().integrated + 0.55, -1).gain_db(), 0);
}

TEST_F(SoundtrackTest, LimitsPeakySoundToTheCeilingAtTheLoudnessAskedFor)
{
    // Drum strokes, twice a second, over a soft tone: 20 dB from loudness to peak.
    const auto drums = sound(8 * k_second, [](double n) {
        const double t = std::fmod(n, 24000) / 48000;
        return 0.8 * std::exp(-t * 90) * std::sin(2 * std::numbers::pi * 180 * t) +
               0.04 * std::sin(2 * std::numbers::pi * 330 * n / 48000);
    });
    shot({footage(wav("drums.wav", drums), 0, 240)});
    const Soundtrack track = mix();
    ASSERT_GT(*track.measured().true_peak - *track.measured().integrated, 15);
    auto reader = track.read(-14, -1);
    EXPECT_GT(reader.limited_db(), 1);
    const auto all = read_all(reader, 1000);
    EXPECT_EQ(all.size(), 2 * static_cast<std::size_t>(track.samples()));
    const Loudness out = measure(all);
    EXPECT_NEAR(*out.integrated, -14, 0.35);
    EXPECT_LE(*out.true_peak, -1);
}

TEST_F(SoundtrackTest, KeepsLimitedSoundInItsPlace)
{
    auto stereo = sound(4 * k_second, sine(330, 0.1));
    stereo[2 * 60000] = stereo[2 * 60000 + 1] = 0.95F;
    shot({footage(wav("click.wav", stereo), 0, 120)});
    auto reader = mix().read(-12, -1);
    ASSERT_GT(reader.limited_db(), 0);
    const auto all = read_all(reader, 333);
    std::size_t peak = 0;
    for (std::size_t n = 0; n < all.size() / 2; ++n) {
        peak = std::abs(all[2 * n]) > std::abs(all[2 * peak]) ? n : peak;
    }
    EXPECT_EQ(peak, 60000U);
    EXPECT_EQ(all.size(), 2U * 4 * k_second);
    const double opening = stereo[2 * 100] * (100.5 / 240) * std::pow(10, reader.gain_db() / 20);
    EXPECT_NEAR(all[2 * 100], opening, 1e-5); // from the very first sample
}

TEST_F(SoundtrackTest, KeepsTheCeilingEvenWhereTheLoudnessCannotBeReached)
{
    auto stereo = sound(4 * k_second, [](double n) { return std::fmod(n, 24000) < 1 ? 0.9 : 0.0; });
    shot({footage(wav("clicks.wav", stereo), 0, 120)});
    auto reader = mix().read(-9, -1);
    const Loudness out = measure(read_all(reader));
    EXPECT_LE(*out.true_peak, -1);
    EXPECT_LT(*out.integrated, -9);
}

TEST_F(SoundtrackTest, BringsTheSampleMusicToStreamingLoudness)
{
    music(LONGTAKE_SOURCE_DIR "/samples/coffee/music.flac", -16);
    film_.music->fade_out = 2;
    silent_shot(40 * 30); // longer than the piece: it loops
    const Soundtrack track = mix();
    auto reader = track.read(-14, -1);
    EXPECT_LT(reader.limited_db(), 3);
    const Loudness out = measure(read_all(reader));
    EXPECT_NEAR(*out.integrated, -14, 0.3);
    EXPECT_LE(*out.true_peak, -1);
}

TEST_F(SoundtrackTest, LeavesSilenceAndMomentsWithoutGain)
{
    silent_shot(60);
    const Soundtrack silence = mix();
    EXPECT_FALSE(silence.measured().integrated);
    EXPECT_FALSE(silence.measured().true_peak);
    auto reader = silence.read(-14, -1);
    EXPECT_EQ(reader.gain_db(), 0);
    EXPECT_EQ(read_all(reader), std::vector<float>(2 * 2 * k_second));

    film_.items.clear();
    shot({footage(tone("a.wav", 440, 0.5, k_second), 0, 9)}); // 300 ms
    const Soundtrack moment = mix();
    EXPECT_FALSE(moment.measured().integrated);
    EXPECT_EQ(moment.read(-14, -1).gain_db(), 0);
    auto limited = moment.read(-14, -12); // the ceiling holds all the same
    EXPECT_LE(*measure(read_all(limited)).true_peak, -12);
}

TEST_F(SoundtrackTest, NamesTheShotOfADamagedFile)
{
    const auto file = tone("a.wav", 440, 0.5, 4 * k_second);
    std::filesystem::resize_file(file, 500000);
    shot({footage(file, 0, 120)});
    try {
        mix();
        FAIL() << "mixed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("shot 'shot-0'"), std::string::npos) << error.what();
    }
}

TEST_F(SoundtrackTest, StopsWhenAsked)
{
    std::stop_source stop;
    stop.request_stop();
    silent_shot(60);
    try {
        Soundtrack::mix(film_, dir_ / "mix.f32", stop.get_token());
        FAIL() << "mixed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::interrupted);
    }
}

} // namespace
} // namespace longtake::render
