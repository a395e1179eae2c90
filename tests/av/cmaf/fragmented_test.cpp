#include "pipeline/av/cmaf/track_index.h"
#include "tests/av/cmaf/tracks.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace longtake::av::cmaf {
namespace {

TEST(FragmentedTest, AFragmentBeginsWhenItsFirstPictureIsShown)
{
    const test::TempDir dir;
    const auto file = test::write_track(dir / "track.mp4", 60);
    const std::string list = test::output_of(
        "ffprobe -v error -select_streams v -show_entries packet=pts,dts,flags -of csv=p=0 '" + file.string() + "'");
    const TrackIndex track = read_track(file);
    std::vector<std::int64_t> entries;
    bool reordered = false;
    std::istringstream lines(list);
    for (std::string line; std::getline(lines, line);) {
        const std::int64_t pts = std::stoll(line);
        const std::int64_t dts = std::stoll(line.substr(line.find(',') + 1));
        reordered = reordered || pts > dts;
        EXPECT_GE(pts, dts);
        if (line.find('K') != std::string::npos) {
            EXPECT_EQ(pts, dts);
            entries.push_back(pts);
        }
    }
    EXPECT_TRUE(reordered) << "the clip is to have B-pictures";
    ASSERT_EQ(entries.size(), track.fragments.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        EXPECT_EQ(entries[i], track.fragments[i].start);
    }
}

TEST(FragmentedTest, DecodesToTheSamePicturesAsAnOrdinaryFile)
{
    const test::TempDir dir;
    const auto track = test::write_track(dir / "track.mp4", 60);
    test::ffmpeg("-i '" + track.string() + "' -c copy '" + (dir / "plain.mp4").string() + "'");
    const auto pictures = [](const std::filesystem::path& file) {
        return test::output_of("ffmpeg -v error -xerror -i '" + file.string() +
                               "' -map 0:v -f framemd5 -c:v rawvideo - | grep -v '^#' | cut -d, -f6");
    };
    const std::string own = pictures(track);
    EXPECT_EQ(std::ranges::count(own, '\n'), 60);
    EXPECT_EQ(own, pictures(dir / "plain.mp4"));
}

} // namespace
} // namespace longtake::av::cmaf
