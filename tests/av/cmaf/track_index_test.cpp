#include "pipeline/av/cmaf/track_index.h"

#include "pipeline/av/cmaf/segments.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/av/cmaf/tracks.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake::av::cmaf {
namespace {

class TrackIndexTest : public ::testing::Test {
protected:
    /// The file with bytes of the first box of a type changed, counted from its type.
    std::string complaint_of(const std::string& type, std::size_t offset, char change)
    {
        std::string bytes = read_text(track_);
        bytes[bytes.find(type) + offset] = static_cast<char>(bytes[bytes.find(type) + offset] + change);
        const std::filesystem::path file = dir_ / "changed.mp4";
        std::ofstream(file, std::ios::binary) << bytes;
        try {
            (void)read_track(file);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::unverified);
            return error.what();
        }
        return {};
    }

    test::TempDir dir_;
    std::filesystem::path track_ = test::write_track(dir_ / "track.mp4", 100);
};

TEST_F(TrackIndexTest, SaysWhatThereIs)
{
    const TrackIndex track = read_track(track_);
    EXPECT_EQ(track.size, (Size{320, 180}));
    EXPECT_EQ(track.codec.substr(0, 7), "avc1.64");
    ASSERT_EQ(track.fragments.size(), 7U) << "every 15 frames";
    EXPECT_DOUBLE_EQ(track.seconds(track.fragments[1].start), 0.5);
    EXPECT_DOUBLE_EQ(track.seconds(track.ticks()), 100 / 30.0);
    EXPECT_EQ(track.fragments.back().where.end(), static_cast<std::int64_t>(std::filesystem::file_size(track_)));
    EXPECT_EQ(track.segment_index.end(), track.fragments.front().where.at) << "the index stands before what it names";
    EXPECT_EQ(segments_of(track, 1).size(), 4U);
}

TEST_F(TrackIndexTest, FfprobeSeesTheSamePictures)
{
    const std::string list = test::output_of(
        "ffprobe -v error -select_streams v -show_entries packet=pts_time,size -of csv=p=0 '" + track_.string() + "'");
    std::set<double> times;
    std::int64_t bytes = 0;
    std::istringstream lines(list);
    for (std::string line; std::getline(lines, line);) {
        times.insert(std::stod(line));
        bytes += std::stoll(line.substr(line.find(',') + 1));
    }
    ASSERT_EQ(times.size(), 100U);
    std::int64_t k = 0;
    for (const double time : times) {
        EXPECT_NEAR(time, static_cast<double>(k++) / 30, 1e-5);
    }
    const TrackIndex track = read_track(track_);
    std::int64_t samples = 0, media = 0;
    for (const Fragment& fragment : track.fragments) {
        samples += fragment.samples;
        media += fragment.where.end() - fragment.first_sample.at;
    }
    EXPECT_EQ(samples, 100);
    EXPECT_EQ(media, bytes);
}

TEST_F(TrackIndexTest, PlantedFaultsAreNamed)
{
    EXPECT_EQ(complaint_of("moov", 3, 0), "");
    EXPECT_NE(complaint_of("tfdt", 15, 1).find("begins at"), std::string::npos);
    EXPECT_NE(complaint_of("trun", 11, 1), "") << "a sample too many";
    EXPECT_NE(complaint_of("trun", 15, 1).find("not its media"), std::string::npos) << "where its data is";
    EXPECT_NE(complaint_of("sidx", 31, 1).find("index"), std::string::npos);
    EXPECT_NE(complaint_of("mdat", -1, 1), "") << "a box of another length";
    EXPECT_NE(complaint_of("mdat", 1, 1).find("no media"), std::string::npos);
}

TEST_F(TrackIndexTest, AnOrdinaryFileIsNone)
{
    test::ffmpeg("-f lavfi -i testsrc2=s=320x180:r=25:d=1 -c:v libx264 -pix_fmt yuv420p '" +
                 (dir_ / "plain.mp4").string() + "'");
    EXPECT_THROW((void)read_track(dir_ / "plain.mp4"), Error);
    EXPECT_THROW((void)read_track(dir_ / "missing.mp4"), Error);
}

} // namespace
} // namespace longtake::av::cmaf
