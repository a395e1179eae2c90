#include "pipeline/av/clip/clip_facts.h"

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/av/picture/orientation.h"
#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace longtake::av {
namespace {

class ClipFactsTest : public ::testing::Test {
protected:
    std::filesystem::path made(const std::string& name, const std::string& options)
    {
        test::ffmpeg(options + " '" + (dir_ / name).string() + "'");
        return dir_ / name;
    }

    /// The file without its last bytes.
    std::filesystem::path cut(const std::filesystem::path& file, double share)
    {
        const std::filesystem::path half = dir_ / ("half" + file.extension().string());
        std::filesystem::copy_file(file, half);
        std::filesystem::resize_file(
            half, static_cast<std::uintmax_t>(share * static_cast<double>(std::filesystem::file_size(file))));
        return half;
    }

    static std::string refusal(const std::filesystem::path& file)
    {
        try {
            clip_facts(file);
            return "";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::input);
            return error.what();
        }
    }

    static bool notes(const InputInfo& facts, const std::string& words)
    {
        return std::any_of(facts.notes.begin(), facts.notes.end(),
                           [&](const std::string& note) { return note.find(words) != std::string::npos; });
    }

    test::TempDir dir_;
};

TEST_F(ClipFactsTest, AnOrdinaryClipHasNoNotes)
{
    const InputInfo facts = clip_facts(test::write_counting_clip(dir_ / "clip.mp4", {.frames = 30}));
    EXPECT_TRUE(facts.notes.empty());
    EXPECT_EQ(*facts.rate, (Rate{30, 1}));
    EXPECT_DOUBLE_EQ(facts.seconds, 1);
}

TEST_F(ClipFactsTest, HalfADownloadIsRefused)
{
    const std::string picture = "-f lavfi -i testsrc2=s=160x90:r=25:d=4 ";
    const std::string sound = "-f lavfi -i sine=d=4 ";
    for (const auto& [name, options] : std::vector<std::pair<std::string, std::string>>{
             {"a.mkv", picture + "-c:v libx264"},
             {"b.mkv", picture + sound + "-c:v libx264 -c:a aac"},
             {"c.webm", picture + "-c:v libvpx -deadline realtime"},
             {"d.webm", picture + sound + "-c:v libvpx -deadline realtime -c:a libopus"},
             {"e.avi", picture + "-c:v mpeg4"},
             {"f.mp4", picture + "-c:v libx264 -movflags +faststart"},
         }) {
        const auto whole = made(name, options);
        EXPECT_EQ(refusal(whole), "") << name;
        for (const double share : {0.5, 0.9}) {
            const auto half = cut(whole, share);
            EXPECT_NE(refusal(half), "") << name << " " << share;
            std::filesystem::remove(half);
        }
    }
    // What is written to a pipe does not say how long it is, and is taken.
    test::ffmpeg(picture + "-c:v libvpx -deadline realtime -f webm - > '" + (dir_ / "live.webm").string() + "'");
    EXPECT_EQ(refusal(dir_ / "live.webm"), "");
}

TEST_F(ClipFactsTest, AClipWithoutASizeOrOfOnePixelIsRefused)
{
    const auto whole = made("whole.ts", "-f lavfi -i testsrc2=s=160x90:r=25:d=4 -c:v libx264 -g 250");
    std::ifstream in(whole, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::size_t middle = bytes.size() / 188 / 2 * 188;
    std::ofstream(dir_ / "tail.ts", std::ios::binary) << bytes.substr(middle);
    EXPECT_NE(refusal(dir_ / "tail.ts").find("get the whole file"), std::string::npos) << refusal(dir_ / "tail.ts");
    const auto dot = made("dot.mov", "-f lavfi -i testsrc2=s=16x16:r=25:d=1 -vf format=rgb24,crop=1:1 -c:v png");
    EXPECT_NE(refusal(dot).find("1x1 pixels"), std::string::npos) << refusal(dot);
}

/// From a keyframe whose neighbours need what came before it, the clip begins with that keyframe.
TEST_F(ClipFactsTest, ACutClipBeginsWithTheFirstPictureThatCanBeShown)
{
    const auto whole = made("whole.mp4", "-f lavfi -i testsrc2=s=160x90:r=25:d=4 -c:v libx264 -x264-params "
                                         "open-gop=1:keyint=25:min-keyint=25:scenecut=0:bframes=3");
    const auto cut = made("cut.mkv", "-ss 1.1 -i '" + whole.string() + "' -c copy");
    const InputInfo facts = clip_facts(cut);
    EXPECT_TRUE(notes(facts, "begins with the first picture that can be shown"));
    const auto frames = std::stoi(test::output_of("ffprobe -v error -count_frames -select_streams v -show_entries "
                                                  "stream=nb_read_frames -of csv=p=0 '" +
                                                  cut.string() + "'"));
    EXPECT_EQ(facts.rate->frames(facts.seconds), frames);
    ConformedReader reader(cut, {facts.size, *facts.rate, Fit::pad});
    int shown = 0;
    while (reader.next()) {
        ++shown;
    }
    EXPECT_EQ(shown, frames);
}

TEST_F(ClipFactsTest, TheLastPictureIsHeldWhileItsSoundGoesOn)
{
    const auto cover =
        made("cover.mp4", "-f lavfi -i testsrc2=s=160x90:r=25:d=0.04 -f lavfi -i sine=d=3 -c:v libx264 -c:a aac");
    const InputInfo facts = clip_facts(cover);
    EXPECT_NEAR(facts.seconds, 3, 0.03);
    EXPECT_TRUE(notes(facts, "its sound goes on for"));
    const auto little =
        made("little.mp4", "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -f lavfi -i sine=d=1.2 -c:v libx264 -c:a aac");
    EXPECT_NEAR(clip_facts(little).seconds, 1, 1e-6);
}

TEST_F(ClipFactsTest, NamesTheTracksThatAreLeftOut)
{
    std::ofstream(dir_ / "words.srt") << "1\n00:00:00,000 --> 00:00:01,000\nHello\n";
    const auto many = made("many.mkv", "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -f lavfi -i testsrc=s=160x90:r=25:d=1 "
                                       "-f lavfi -i sine=d=1 -f lavfi -i sine=d=1 -i '" +
                                           (dir_ / "words.srt").string() +
                                           "' -map 0 -map 1 -map 2 -map 3 -map 4 -c:v libx264 -c:a aac "
                                           "-metadata:s:a:1 language=fra -disposition:a:0 default");
    const InputInfo facts = clip_facts(many);
    EXPECT_TRUE(notes(facts, "left out: picture track #1"));
    EXPECT_TRUE(notes(facts, "left out: sound track #3 aac fra"));
    EXPECT_TRUE(notes(facts, "left out: subtitles #4"));
    EXPECT_TRUE(facts.sound);
}

TEST_F(ClipFactsTest, SaysWhatIsConverted)
{
    const auto hlg = made("hlg.mp4", "-f lavfi -i testsrc2=s=160x90:r=25:d=0.2 -pix_fmt yuv420p10le -c:v libx264 "
                                     "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc");
    EXPECT_TRUE(notes(clip_facts(hlg), "(HLG, bt2020) are converted to BT.709 in standard dynamic range"));
    const auto wide =
        made("wide.mov", "-f lavfi -i testsrc2=s=160x90:r=25:d=0.2 -c:v libx264 -color_primaries smpte432 "
                         "-color_trc bt709 -colorspace bt709");
    EXPECT_TRUE(notes(clip_facts(wide), "its colours (smpte432) are converted to BT.709"));
    const auto fields = made(
        "fields.mp4", "-f lavfi -i testsrc2=s=160x96:r=50:d=1 -vf format=yuv420p,interlace,setfield=tff -c:v libx264 "
                      "-flags +ildct+ilme");
    EXPECT_TRUE(clip_facts(fields).interlaced);
    EXPECT_FALSE(clip_facts(hlg).interlaced);
}

/// A packet less than a transport stream had.
TEST_F(ClipFactsTest, DamageIsToldWithItsTimeAndPassedOverWhenAsked)
{
    const auto whole = made("whole.ts", "-f lavfi -i testsrc2=s=160x90:r=25:d=4 -c:v libx264 -g 50");
    std::ifstream in(whole, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    bytes.erase(bytes.size() / 188 / 2 * 188, 188);
    const auto lost = dir_ / "lost.ts";
    std::ofstream(lost, std::ios::binary) << bytes;
    const InputInfo facts = clip_facts(lost, Damage::passed_over);
    EXPECT_TRUE(facts.damaged);
    EXPECT_TRUE(notes(facts, "damaged, shown as decoders show it: a frame is damaged at"));
    EXPECT_FALSE(clip_facts(whole, Damage::passed_over).damaged);
    Conform conform{facts.size, *facts.rate, Fit::pad};
    const auto frames = [&] {
        ConformedReader reader(lost, conform);
        std::int64_t count = 0;
        while (reader.next()) {
            ++count;
        }
        return count;
    };
    EXPECT_THROW(frames(), Error);
    conform.damage = Damage::passed_over;
    EXPECT_EQ(frames(), facts.rate->frames(facts.seconds));
}

TEST(OrientationTest, WritesTheFiltersOfAllEight)
{
    EXPECT_EQ((Orientation{0, false}).filters(), "");
    EXPECT_EQ((Orientation{180, true}).filters(), "hflip,hflip,vflip,");
    EXPECT_EQ((Orientation{90, true}).text(), "mirrored and rotated by 90 degrees");
    EXPECT_TRUE((Orientation{270, true}).swaps_sides());
}

/// A timestamp that is damaged would make a film of years, and a clip of half a second a plan of millions of frames.
TEST_F(ClipFactsTest, APictureIsNotHeldForDays)
{
    const auto clip = made("a.mp4", "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v libx264");
    const std::string copy = "-i '" + clip.string() + "' -c copy -bsf:v ";
    EXPECT_NE(refusal(made("later.mkv", copy + "'setts=ts=TS+if(gte(N\\,5)\\,9000000000000\\,0)'"))
                  .find("leap by 2500000 hours"),
              std::string::npos);
    EXPECT_NE(refusal(made("last.mp4", copy + "'setts=ts=TS:duration=if(eq(N\\,9)\\,2000000000\\,512)'"))
                  .find("leap by 43 hours"),
              std::string::npos);
    EXPECT_EQ(refusal(made("hour.mp4", copy + "'setts=ts=TS:duration=if(eq(N\\,9)\\,46080000\\,512)'")), "");
}

TEST_F(ClipFactsTest, ShapesAndSizesThatNoFilmHasAreNotBelieved)
{
    const std::string picture = "-f lavfi -i testsrc2=s=64x48:r=25:d=0.2 ";
    EXPECT_EQ(clip_facts(made("a.mp4", picture + "-vf setsar=1000/1 -c:v libx264")).size, (Size{64, 48}));
    EXPECT_EQ(clip_facts(made("b.mp4", picture + "-vf setsar=2/1 -c:v libx264")).size, (Size{128, 48}));
    EXPECT_NE(refusal(made("c.avi", "-f lavfi -i color=s=12000x9000 -frames:v 1 -c:v mjpeg")).find("too large"),
              std::string::npos);
}

} // namespace
} // namespace longtake::av
