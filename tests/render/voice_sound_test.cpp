// Voices in a film's sound: as loud as each other, over what gives way to them.
#include "pipeline/render/voice_sound.h"

#include "pipeline/av/sound/loudness.h"
#include "pipeline/base/error.h"
#include "pipeline/render/soundtrack.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longtake::render {
namespace {

using test::decibels;
using test::rms;
using test::sine;

constexpr std::size_t k_sec = 48000;

class VoiceSoundTest : public ::testing::Test {
protected:
    VoiceSoundTest()
    {
        film_.rate = {25, 1};
        film_.size = {320, 240};
        Item item;
        item.frames = 250;
        item.ranges = {{Range::Kind::still, "unused.png", "", 0, 250}};
        film_.items = {item};
    }

    std::filesystem::path tone(const std::string& name, double hz, double amplitude, double seconds)
    {
        return test::write_wav(dir_ / name,
                               test::sound(static_cast<std::size_t>(seconds * k_sec), sine(hz, amplitude)));
    }

    std::vector<float> voices(std::size_t seconds, std::size_t block = 4096)
    {
        VoiceSound sound(film_, {});
        std::vector<float> all(2 * seconds * k_sec);
        for (std::size_t at = 0; at < all.size(); at += 2 * block) {
            sound.add(std::span(all).subspan(at, std::min(2 * block, all.size() - at)));
        }
        return all;
    }

    std::vector<float> mixed()
    {
        const Soundtrack track = Soundtrack::mix(film_, dir_ / "mix.f32", {});
        auto reader = track.read(track.measured().integrated.value_or(-14), 20);
        std::vector<float> all(2 * static_cast<std::size_t>(track.samples()));
        for (std::size_t at = 0; at < all.size();) {
            at += 2 * reader.read(std::span(all).subspan(at, std::min<std::size_t>(8192, all.size() - at)));
        }
        return all;
    }

    test::TempDir dir_;
    Timeline film_;
};

TEST_F(VoiceSoundTest, ALoudAndAQuietOneAreEquallyLoud)
{
    film_.voices = {{tone("loud.wav", 1000, 0.5, 3), "", 0, 75, 0},
                    {tone("quiet.wav", 1000, 0.02, 3), "", 100, 175, 0}};
    const auto all = voices(10);
    for (const std::size_t from : {std::size_t{0}, 4 * k_sec}) {
        av::LoudnessMeter meter;
        meter.add(std::span(all).subspan(2 * from, 2 * 3 * k_sec));
        EXPECT_NEAR(meter.integrated().value_or(0), k_voice_loudness, 0.2);
    }
    EXPECT_EQ(rms(all, 3 * k_sec + 480, 4 * k_sec - 480), 0);
}

TEST_F(VoiceSoundTest, BeginsAtItsFrameAndFadesWhereItIsCut)
{
    film_.voices = {{tone("a.wav", 1000, 0.3, 5), "", 50, 100, 6}};
    const auto all = voices(10, 1000);
    EXPECT_EQ(rms(all, 0, 2 * k_sec), 0);
    EXPECT_GT(rms(all, 2 * k_sec, 2 * k_sec + 480), 0.05) << "at once";
    EXPECT_GT(rms(all, 4 * k_sec - 960, 4 * k_sec - 480), 0.05);
    EXPECT_LT(rms(all, 4 * k_sec - 48, 4 * k_sec), 0.05);
    EXPECT_EQ(rms(all, 4 * k_sec, 10 * k_sec), 0);
    EXPECT_NEAR(decibels(rms(all, 3 * k_sec, 3 * k_sec + 4800) / rms(voices(10), 3 * k_sec, 3 * k_sec + 4800)), 0, 0.01)
        << "whatever the blocks";
}

TEST_F(VoiceSoundTest, MusicIsDownBeforeTheFirstWordAndStaysDownBetweenSentences)
{
    const auto words = test::sound(4 * k_sec, [](double n) {
        const bool pause = n > 1.5 * k_sec && n < 2.4 * k_sec; // between two sentences
        return pause ? 0.0 : sine(1000, 0.2)(n);
    });
    film_.voices = {{test::write_wav(dir_ / "v.wav", words), "", 100, 200, 0}};
    film_.music = Music{};
    film_.music->file = tone("m.wav", 100, 0.05, 10);
    film_.music->duck = true;
    const auto with = mixed();
    const double before = rms(with, 2 * k_sec, 3 * k_sec);
    const double just_before = rms(with, 4 * k_sec - 960, 4 * k_sec - 480);
    EXPECT_NEAR(decibels(just_before / before), -10, 2.5) << "10 to 20 ms before the first word";
    EXPECT_NEAR(decibels(rms(with, 6 * k_sec, 6 * k_sec + 9600) / before), -10, 0.3) << "no pumping in the pause";
    EXPECT_NEAR(decibels(rms(with, 8 * k_sec + 48000, 8 * k_sec + 52800) / before), -10, 0.3) << "held for 1.2 s";
}

TEST_F(VoiceSoundTest, ARecordingWithoutSoundIsNamed)
{
    film_.voices = {{dir_ / "missing.wav", "", 0, 25, 0}};
    try {
        voices(1);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).rfind("voice 'missing.wav'", 0), 0U) << error.what();
    }
}

} // namespace
} // namespace longtake::render
