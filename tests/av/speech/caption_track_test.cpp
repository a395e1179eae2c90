// Captions that players show on demand, read back by ffmpeg.
#include "pipeline/av/media_writer.h"
#include "pipeline/av/speech/caption_track.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longtake::av {
namespace {

using ::testing::HasSubstr;

class CaptionTrackTest : public ::testing::TestWithParam<const char*> {
protected:
    test::TempDir dir_;
};

TEST_P(CaptionTrackTest, ComesBackWithItsTimesLinesAndLanguage)
{
    const bool webm = std::string(GetParam()) == "webm";
    MediaSpec spec;
    spec.size = {64, 64};
    spec.rate = {25, 1};
    spec.container = GetParam();
    spec.video.codec = webm ? "vp9" : "h264";
    spec.video.encoder = webm ? "libvpx-vp9" : "libx264";
    spec.video.crf = 30;
    spec.captions = {{0.4, 1.2, "Salt {and}\npepper & <3", {}}, {2, 2.8, "Größe", {}}};
    spec.language = "pt-BR";
    const auto file = dir_ / (std::string("film.") + GetParam());
    MediaWriter writer(file, spec);
    for (int i = 0; i < 100; ++i) {
        writer.write(Frame::plain({64, 64}, 80, 128, 128));
    }
    writer.finish();

    std::string srt = test::output_of("ffmpeg -v error -i '" + file.string() + "' -map 0:s -f srt -");
    std::erase(srt, '\r'); // by which FFmpeg's SRT breaks lines within a caption
    EXPECT_THAT(srt, HasSubstr("00:00:00,400 --> 00:00:01,200\nSalt (and)\npepper & <3"));
    EXPECT_THAT(srt, HasSubstr("00:00:02,000 --> 00:00:02,800\nGrö"
                               "ße"));
    EXPECT_THAT(test::output_of("ffprobe -v error -select_streams s -show_entries stream_tags=language -of csv=p=0 '" +
                                file.string() + "'"),
                HasSubstr("por"));
    EXPECT_THAT(test::output_of("ffprobe -v error -show_entries format=duration -of csv=p=0 '" + file.string() + "'"),
                HasSubstr("4.0"))
        << "captions do not make the film longer";
}

INSTANTIATE_TEST_SUITE_P(Containers, CaptionTrackTest, ::testing::Values("mp4", "mov", "matroska", "webm"));

TEST(CaptionTrackPlacesTest, OnlyContainersWithTextHoldThem)
{
    EXPECT_TRUE(holds_captions("mp4"));
    EXPECT_FALSE(holds_captions("mxf"));
}

} // namespace
} // namespace longtake::av
