#include "tests/app/stitching.h"

#include "pipeline/av/sound/audio_reader.h"
#include "tests/support/sound.h"

#include <array>
#include <fstream>

namespace longtake::test {
namespace {

class StitchSoundTest : public Stitching {
protected:
    /// A small black clip over which a part of one long tone sounds, from `sample` (at 48 kHz) on.
    std::string tone(const std::string& name, std::int64_t sample, int frames, int sample_rate)
    {
        const double from = static_cast<double>(sample) / 48000;
        std::ostringstream command;
        command.precision(12);
        command << "-f lavfi -i color=s=64x64:r=24:d=" << frames / 24.0 - 0.01
                << " -f lavfi -i \"aevalsrc='0.5*sin(2*PI*440*(t+" << from << "))':s=" << sample_rate
                << ":d=" << frames / 24.0
                << "\" -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -b:a 192k -colorspace bt709 "
                   "-color_primaries bt709 -color_trc bt709 \""
                << (dir_ / name).string() << "\"";
        ffmpeg(command.str());
        return dir_ / name;
    }

    /// The frames whose lower half is white. (A long film is too large to be looked at whole.)
    static std::vector<std::size_t> flashes_of(const std::filesystem::path& film)
    {
        const std::string grey =
            output_of("ffmpeg -nostdin -v error -threads 1 -i \"" + film.string() +
                      "\" -map 0:v -vf crop=16:16:72:60,scale=1:1,format=gray -fps_mode passthrough "
                      "-f rawvideo -");
        std::vector<std::size_t> flashes;
        for (std::size_t i = 0; i < grey.size(); ++i) {
            if (static_cast<unsigned char>(grey[i]) > 128) {
                flashes.push_back(i);
            }
        }
        return flashes;
    }

    std::vector<float> heard() const
    {
        av::AudioReader reader(film(), 48000);
        std::vector<float> all;
        std::vector<float> block(2 * 8192);
        while (const std::size_t got = reader.read(block)) {
            all.insert(all.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(2 * got));
        }
        return all;
    }
};

/// Sixty joins in one tone: not a sample too many, no window of 10 ms that is not that tone. Every clip lasts a whole
/// number of periods and of frames (half a second: 220 of 440 Hz), so that one clip's end goes on in any other's start.
TEST_F(StitchSoundTest, AToneOverSixtyJoinsIsOneTone)
{
    const auto plain = tone("plain.mp4", 0, 12, 48000);
    const auto other = tone("other.mp4", 0, 12, 44100);
    std::vector<std::string> words = {"stitch"};
    for (int i = 0; i < 61; ++i) {
        words.push_back(i % 3 == 2 ? other : plain);
    }
    words.insert(words.end(), {"-o", film()});
    const Answer answer = longtake(words);
    ASSERT_EQ(answer.status, 0) << answer.err;
    const auto sound = heard();
    ASSERT_EQ(sound.size() / 2, 61U * 24000);
    EXPECT_LT(worst_residual(sound, 440, 2400, 61 * 24000 - 2400), 0.02);
}

/// Ten minutes: every flash has its beep, after every kind of join.
TEST_F(StitchSoundTest, OverTenMinutesSoundAndPictureAreTogether)
{
    const Numbered small = {
        .frames = 96, .flash = 48, .video = "-c:v libx264 -preset ultrafast -bf 2 -g 24 -pix_fmt yuv420p"};
    Numbered at_44100 = small;
    at_44100.sample_rate = 44100;
    const auto one = write_numbered(dir_ / "one.mp4", small).string();
    const auto two = write_numbered(dir_ / "two.mp4", at_44100).string();
    const std::array<nlohmann::json, 3> joins = {{{{"type", "cut"}},
                                                  {{"type", "dissolve"}, {"seconds", 0.25}, {"timing", "hold"}},
                                                  {{"type", "dissolve"}, {"seconds", 0.25}, {"timing", "overlap"}}}};
    nlohmann::json shots = nlohmann::json::array();
    for (std::size_t i = 0; i < 153; ++i) {
        shots.push_back({{"id", std::to_string(i)}, {"clip", i % 2 == 0 ? one : two}, {"transition", joins[i % 3]}});
    }
    std::ofstream(dir_ / "film.json") << nlohmann::json{
        {"schema", "longtake/storyboard/1"}, {"title", "long"}, {"audio", {{"loudness", "keep"}}}, {"shots", shots}};
    const Answer answer = longtake({"stitch", dir_ / "film.json", "-o", film(), "--encoder-preset", "ultrafast"});
    ASSERT_EQ(answer.status, 0) << answer.err;
    EXPECT_EQ(answer.result["outputs"][0]["frames"], 153 * 96 - 51 * 6) << "almost ten minutes";
    const auto beeps = beeps_in(film());
    const auto flashes = flashes_of(film());
    ASSERT_EQ(flashes.size(), 153U);
    ASSERT_EQ(beeps.size(), 153U);
    for (std::size_t i = 0; i < flashes.size(); ++i) {
        EXPECT_NEAR(beeps[i], static_cast<double>(flashes[i]) / 24, 0.002) << "frame " << flashes[i];
    }
}

/// Taps are all peaks: as loud as the true peak allows is the loudest there is, and a film with a note.
TEST_F(StitchSoundTest, ALoudnessOutOfReachIsTheLoudestAllowed)
{
    ffmpeg("-f lavfi -i color=s=64x64:r=24:d=6 -f lavfi -i "
           "\"aevalsrc='0.9*sin(6000*PI*t)*lt(mod(t,1),0.001)':s=48000:d=6\" "
           "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a pcm_s16le '" +
           (dir_ / "taps.mov").string() + "'");
    const Answer answer =
        longtake({"stitch", dir_ / "taps.mov", "-o", film(), "--audio", "-14", "--encoder-preset", "ultrafast"});
    ASSERT_EQ(answer.status, 0) << answer.err;
    const auto& output = answer.result["outputs"][0];
    EXPECT_EQ(output["out_of_reach"], -14);
    EXPECT_LT(output["loudness"].get<double>(), -16);
    EXPECT_LE(output["true_peak"].get<double>(), -1);
    EXPECT_GT(output["true_peak"].get<double>(), -3);
    EXPECT_NE(answer.err.find("out of reach under its true-peak limit"), std::string::npos) << answer.err;
}

} // namespace
} // namespace longtake::test
