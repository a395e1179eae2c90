#include "stages/deliver/package/stream_output.h"

#include "pipeline/av/probe.h"
#include "stages/deliver/deliver.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longtake::stages {
namespace {

namespace fs = std::filesystem;

/// Two clips of 3 s that dissolve, with a tone, captions and chapters, in three sizes that fit of four.
class StreamOutputTest : public ::testing::Test {
protected:
    StreamOutputTest()
    {
        test::ffmpeg(
            "-f lavfi -i testsrc2=s=320x180:r=25:d=4 -f lavfi -i sine=440:r=48000:d=4 -c:v libx264 -preset ultrafast "
            "-pix_fmt yuv420p -c:a aac '" +
            (dir_ / "clip.mp4").string() + "'");
        film_.rate = {25, 1};
        film_.size = {320, 180};
        film_.items = {item("one", 0, 75, 0), item("two", 65, 75, 10)};
        film_.captions = Captions{{{0.5, 2, "Hello", {}}}, {CaptionForm::soft}, "en"};
        spec_.preset = load_preset({fs::path(LONGTAKE_SOURCE_DIR) / "presets"}, "stream/cmaf");
        nlohmann::json ladder = nlohmann::json::array();
        for (const int side : {270, 180, 90, 120}) {
            ladder.push_back(
                {{"short_side", side}, {"video", {{"max_bitrate", 4000 * side}, {"encoder_preset", "veryfast"}}}});
        }
        spec_.preset =
            changed_preset(spec_.preset, {{"ladder", ladder}, {"segment_seconds", 2}, {"video", {{"gop_seconds", 1}}}});
        spec_.file = dir_ / "film" / "master.m3u8";
        settings_.scratch = dir_ / "scratch";
        settings_.title = "Two clips";
        settings_.chapters = true;
    }

    Item item(const std::string& shot, std::int64_t start, std::int64_t frames, std::int64_t dissolve)
    {
        Item item;
        item.shot = shot;
        item.start = start;
        item.frames = frames;
        item.transition = {dissolve > 0 ? TransitionType::dissolve : TransitionType::cut, dissolve, false};
        item.ranges = {{Range::Kind::footage, dir_ / "clip.mp4", "", 0, frames}};
        item.ranges.front().sound = true;
        return item;
    }

    Deliverable deliver() { return stages::deliver(film_, {spec_}, settings_).front(); }

    bool has(const std::string& name) const { return fs::exists(dir_ / "film" / name); }

    test::TempDir dir_;
    Timeline film_;
    OutputSpec spec_;
    DeliverSettings settings_;
};

TEST_F(StreamOutputTest, EverySizeHasTheFilmCutAtTheSameTimes)
{
    const Deliverable stream = deliver();
    ASSERT_EQ(stream.rungs.size(), 3U) << "the film does not fill 270 lines";
    EXPECT_EQ(stream.rungs.front().name, "180p");
    EXPECT_EQ(stream.rungs.back().size, (Size{160, 90}));
    EXPECT_EQ(stream.frames, 140);
    std::vector<std::vector<std::int64_t>> starts;
    for (const DeliveredRung& rung : stream.rungs) {
        const fs::path file = dir_ / "film" / (rung.name + ".mp4");
        const av::Measured measured = av::measure(file);
        EXPECT_EQ(measured.frames, 140) << rung.name;
        EXPECT_TRUE(measured.constant_rate) << rung.name;
        auto& own = starts.emplace_back();
        for (const auto& segment : av::cmaf::segments_of(av::cmaf::read_track(file), 2)) {
            own.push_back(segment.start);
        }
    }
    EXPECT_EQ(starts[0], starts[1]);
    EXPECT_EQ(starts[0], starts[2]);
}

TEST_F(StreamOutputTest, TheFolderHoldsWhatTheManifestsNameAndNothingElse)
{
    const Deliverable stream = deliver();
    EXPECT_EQ(stream.file(), spec_.file);
    for (const char* name : {"manifest.mpd", "180p.mp4", "sound.mp4", "captions.vtt", "chapters.json", "chapters.vtt",
                             "thumbnails-1.jpg", "thumbnails.vtt", "180p-keyframes.m3u8"}) {
        EXPECT_TRUE(has(name)) << name;
    }
    const auto entries = std::distance(fs::directory_iterator(dir_ / "film"), fs::directory_iterator());
    EXPECT_EQ(std::size_t(entries), stream.files.size());
    for (const DeliveredFile& file : stream.files) {
        EXPECT_EQ(std::uintmax_t(file.bytes), fs::file_size(file.file)) << file.file;
        EXPECT_EQ(file.sha256.size(), 64U);
    }
    ASSERT_TRUE(stream.loudness);
    EXPECT_NEAR(*stream.loudness, -14, 1);
}

TEST_F(StreamOutputTest, FfmpegPlaysBothManifestsToTheEnd)
{
    film_.captions.reset(); // FFmpeg 5.1 refuses manifests of DASH with WebVTT (findings/ffmpeg-dash-webvtt-refused.sh)
    deliver();
    for (const char* manifest : {"master.m3u8", "manifest.mpd"}) {
        const std::string hashes =
            test::output_of("ffmpeg -v error -xerror -i '" + (dir_ / "film" / manifest).string() +
                            "' -map 0:v:0 -f framemd5 - | grep -vc '^#'");
        EXPECT_EQ(hashes, "140\n") << manifest;
    }
}

TEST_F(StreamOutputTest, OfOneKindHasNoManifestOfTheOther)
{
    spec_.preset = changed_preset(spec_.preset, {{"package", "dash"}});
    spec_.file = dir_ / "film" / "manifest.mpd";
    deliver();
    EXPECT_FALSE(has("master.m3u8"));
    EXPECT_FALSE(has("chapters.json"));
    EXPECT_TRUE(has("manifest.mpd"));
}

TEST_F(StreamOutputTest, MadeAgainItIsTheSame)
{
    const Deliverable first = deliver();
    const Deliverable second = deliver();
    ASSERT_EQ(first.files.size(), second.files.size());
    for (std::size_t i = 0; i < first.files.size(); ++i) {
        EXPECT_EQ(first.files[i].sha256, second.files[i].sha256) << first.files[i].file;
    }
}

} // namespace
} // namespace longtake::stages
