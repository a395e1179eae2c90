#include "pipeline/av/sound/beats.h"

#include "pipeline/base/error.h"
#include "tests/support/music.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

using test::Band;
using test::k_music_rate;
using test::Piece;

constexpr double k_near = 0.040; ///< seconds: what cuts may miss a beat by

/// From the nearest of `beats`, seconds.
double distance(double time, const std::vector<double>& beats)
{
    double nearest = 1e9;
    for (const double beat : beats) {
        nearest = std::min(nearest, std::abs(beat - time));
    }
    return nearest;
}

/// Every beat found is a true one, and at least every second true one is found.
void expect_true_beats(const Beats& found, const std::vector<double>& beats)
{
    EXPECT_GE(found.times.size(), beats.size() / 2 - 1);
    for (const double time : found.times) {
        EXPECT_LT(distance(time, beats), k_near) << "at " << time;
    }
    EXPECT_TRUE(std::is_sorted(found.times.begin(), found.times.end()));
}

struct Played {
    const char* name;
    Piece (*make)(double seconds);
    double tempo;
};

class BeatsOfPiecesTest : public testing::TestWithParam<Played> {};

TEST_P(BeatsOfPiecesTest, LieWhereTheyWerePlayed)
{
    const Piece piece = GetParam().make(32);
    const Beats found = find_beats(piece.sound, k_music_rate);
    expect_true_beats(found, piece.beats);
    EXPECT_NEAR(found.tempo, GetParam().tempo, 0.5);
    EXPECT_GT(found.confidence, 2 * k_least_confidence);
    EXPECT_NEAR(found.seconds, 32, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Five, BeatsOfPiecesTest,
                         testing::Values(Played{"rock", test::rock_at_90, 90}, Played{"house", test::house_at_120, 120},
                                         Played{"breaks", test::breaks_at_128, 128},
                                         Played{"swing", test::swing_at_100, 100},
                                         Played{"intro", test::slow_intro_then_110, 110}),
                         [](const auto& piece) { return std::string(piece.param.name); });

TEST(BeatsTest, EightSecondsAreEnough)
{
    for (const auto make : {test::rock_at_90, test::house_at_120, test::breaks_at_128, test::swing_at_100}) {
        const Piece piece = make(8);
        expect_true_beats(find_beats(piece.sound, k_music_rate), piece.beats);
    }
}

TEST(BeatsTest, RatesAreAllAlike)
{
    const Piece piece = test::house_at_120(10);
    std::vector<float> twice; // at 48 kHz: each sample and the mean of it and the next
    for (std::size_t i = 0; i + 1 < piece.sound.size(); ++i) {
        twice.insert(twice.end(), {piece.sound[i], (piece.sound[i] + piece.sound[i + 1]) / 2});
    }
    expect_true_beats(find_beats(twice, 2 * k_music_rate), piece.beats);
}

TEST(BeatsTest, MusicWithoutDrumsHasThemToo)
{
    // samples/*/make_music.py: 64 and 100 beats a minute from the start on, mixed from many instruments
    for (const auto& [name, tempo, seconds] : {std::tuple{"coffee", 64.0, 30.25}, std::tuple{"brand", 100.0, 24.0}}) {
        const auto folder = std::filesystem::path(LONGTAKE_SOURCE_DIR) / "samples" / name;
        std::vector<double> beats;
        for (int i = 0; i * 60 / tempo < seconds; ++i) {
            beats.push_back(i * 60 / tempo);
        }
        const Beats found = find_beats(folder / "music.flac");
        expect_true_beats(found, beats);
        EXPECT_NEAR(found.seconds, seconds, 0.01) << name;
    }
}

void expect_none(const std::vector<float>& sound)
{
    const Beats found = find_beats(sound, k_music_rate);
    EXPECT_TRUE(found.times.empty());
    EXPECT_EQ(found.tempo, 0);
}

TEST(BeatsTest, SilenceNoiseAndHeldChordsHaveNone)
{
    expect_none({});
    expect_none(std::vector<float>(20 * k_music_rate));
    for (unsigned seed = 1; seed <= 5; ++seed) {
        std::minstd_rand random{seed * 7919};
        std::vector<float> noise(20 * k_music_rate);
        std::generate(noise.begin(), noise.end(), [&] { return static_cast<float>(random() % 2001) / 5000 - 0.2F; });
        expect_none(noise);
    }
    for (const double root : {110.0, 150.0, 220.0, 310.0, 440.0}) { // whose partials beat against each other
        Band held(20);
        held.pad(0, 20, root);
        expect_none(held.sound());
    }
}

/// Syllables of 0.12 to 0.28 s, voiced or hissing, and pauses after three to ten.
std::vector<float> like_speech(double seconds, unsigned seed)
{
    Band band(seconds);
    std::minstd_rand random{seed};
    const auto any = [&] { return static_cast<double>(random() % 10000) / 10000; };
    for (double at = 0.2; at < seconds; at += 0.3 + 0.5 * any()) {
        for (auto left = 3 + random() % 8; left > 0; --left) {
            if (any() < 0.5) {
                band.hat(at - 0.04, 0.15, 0.03);
            }
            band.pluck(at, 110 + 40 * any(), 0.2 + 0.2 * any(), 0.08 + 0.08 * any());
            at += 0.12 + 0.16 * any();
        }
    }
    return band.sound();
}

TEST(BeatsTest, SpeechHasNone)
{
    for (const double seconds : {5.0, 8.0, 20.0}) {
        for (unsigned seed = 1; seed <= 5; ++seed) {
            expect_none(like_speech(seconds, seed * 37));
        }
    }
}

TEST(BeatsTest, AreFoundInFiles)
{
    const test::TempDir folder;
    const Piece piece = test::house_at_120(10);
    std::vector<float> stereo;
    for (const float sample : piece.sound) {
        stereo.insert(stereo.end(), {sample, sample, sample, sample}); // at 48 kHz
    }
    expect_true_beats(find_beats(test::write_wav(folder / "house.wav", stereo)), piece.beats);
    EXPECT_THROW((void)find_beats(folder / "nothing.wav"), Error);
}

} // namespace
} // namespace longtake::av
