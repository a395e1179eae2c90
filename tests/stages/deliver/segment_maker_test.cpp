#include "stages/deliver/segment_maker.h"

#include "stages/deliver/deliver.h"
#include "stages/deliver/segment_plan.h"
#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace longtake::stages {
namespace {

/// Films of scenes at 320x180 and 24 fps to two presets, with one store of segments.
class SegmentMakerTest : public ::testing::Test {
protected:
    Range scene(int look)
    {
        Range range;
        range.file = dir_ / ("scene" + std::to_string(look) + ".mp4");
        if (!std::filesystem::exists(range.file)) {
            test::write_scene(range.file, {.frames = 60, .look = look});
        }
        range.sha256 = "scene" + std::to_string(look);
        range.frames = 60;
        return range;
    }

    Timeline film(const std::vector<int>& looks)
    {
        Timeline timeline;
        timeline.rate = {24, 1};
        timeline.size = {320, 180};
        for (const int look : looks) {
            Item item{"shot" + std::to_string(look), timeline.frames(), 60, {}, {scene(look)}};
            if (!timeline.items.empty()) {
                item.transition = {TransitionType::dissolve, 8, false};
                item.start -= 8;
            }
            timeline.items.push_back(item);
        }
        return timeline;
    }

    static Preset preset(const std::string& name, Size size, const std::string& encoder = "libx264",
                         const std::string& codec = "h264")
    {
        Preset preset = master_preset();
        preset.name = name;
        preset.copies = Preset::Copies::none;
        preset.size = size;
        preset.video.encoder = encoder;
        preset.video.codec = codec;
        preset.video.encoder_preset = encoder == "libx264" ? "veryfast" : "12";
        preset.video.profile = encoder == "libx264" ? "high" : "";
        preset.video.gop_seconds = 2;
        return preset;
    }

    std::vector<Deliverable> delivered(const Timeline& timeline, const std::vector<Preset>& presets,
                                       const std::string& folder, int jobs = 0)
    {
        DeliverSettings settings;
        settings.scratch = dir_ / "scratch";
        settings.jobs = jobs;
        settings.segments = std::make_shared<SegmentStore>(
            dir_ / store_, SegmentStore::Limits{}, [this](const std::string& said) { damage_.push_back(said); });
        std::filesystem::create_directories(dir_ / folder);
        std::vector<OutputSpec> outputs;
        for (const Preset& preset : presets) {
            outputs.push_back({preset, dir_ / folder / (preset.name + preset.extension)});
        }
        return deliver(timeline, outputs, settings);
    }

    void expect_same_files(const std::string& a, const std::string& b)
    {
        for (const auto& file : std::filesystem::directory_iterator(dir_ / a)) {
            EXPECT_EQ(read_text(file.path()), read_text(dir_ / b / file.path().filename())) << file.path();
        }
    }

    std::vector<std::filesystem::path> kept()
    {
        std::vector<std::filesystem::path> files;
        for (const auto& file : std::filesystem::recursive_directory_iterator(dir_ / store_)) {
            if (file.path().extension() == ".mp4") {
                files.push_back(file.path());
            }
        }
        std::sort(files.begin(), files.end());
        return files;
    }

    test::TempDir dir_;
    std::string store_ = "segments";
    std::vector<std::string> damage_;
    const std::vector<Preset> two_{preset("wide", {320, 180}), preset("square", {180, 180})};
};

TEST_F(SegmentMakerTest, AnEditedFilmIsTheOneMadeFromNothing)
{
    const auto first = delivered(film({0, 1, 2, 3}), two_, "first");
    EXPECT_EQ(first[0].reused, 0);
    const auto swapped = delivered(film({0, 2, 1, 3}), two_, "edited");
    EXPECT_EQ(swapped[0].reused, 216 - 3 * 8) << "all but three dissolves";

    store_ = "another";
    const auto fresh = delivered(film({0, 2, 1, 3}), two_, "fresh");
    EXPECT_EQ(fresh[0].reused, 0);
    expect_same_files("edited", "fresh");
}

TEST_F(SegmentMakerTest, TheNumberOfThreadsShapesNothing)
{
    delivered(film({0, 1, 2}), two_, "one", 1);
    store_ = "another";
    delivered(film({0, 1, 2}), two_, "five", 5);
    expect_same_files("one", "five");
}

TEST_F(SegmentMakerTest, AFilmOfWhatIsKeptIsTheSameFile)
{
    delivered(film({0, 1}), two_, "first");
    const auto again = delivered(film({0, 1}), two_, "again");
    EXPECT_EQ(again[0].reused, again[0].frames);
    expect_same_files("first", "again");
}

TEST_F(SegmentMakerTest, WhatIsDamagedIsSaidAndMadeAgain)
{
    delivered(film({0, 1, 2}), two_, "first");
    const auto files = kept();
    ASSERT_GE(files.size(), 6U);
    std::filesystem::resize_file(files[0], std::filesystem::file_size(files[0]) / 2);
    std::filesystem::remove(files[1]);
    {
        std::fstream bytes(files[2], std::ios::binary | std::ios::in | std::ios::out);
        bytes.seekp(static_cast<std::streamoff>(std::filesystem::file_size(files[2]) / 2));
        bytes << "x~x";
    }
    const auto again = delivered(film({0, 1, 2}), two_, "again");
    EXPECT_LT(again[0].reused + again[1].reused, again[0].frames + again[1].frames);
    EXPECT_EQ(damage_.size(), 3U);
    expect_same_files("first", "again");
}

TEST_F(SegmentMakerTest, AShotThatComesTwiceIsEncodedOnce)
{
    Timeline timeline = film({0, 1, 0, 1, 0});
    delivered(timeline, {two_[0]}, "first");
    EXPECT_EQ(kept().size(), 6U) << "0 as it begins, runs and ends, 1, and the dissolves between them, there and back";
}

TEST_F(SegmentMakerTest, AV1IsMadeOfPiecesToo)
{
    const auto made = delivered(film({0, 1}), {preset("av1", {320, 180}, "libsvtav1", "av1")}, "av1");
    EXPECT_EQ(made[0].frames, 112);
    EXPECT_EQ(made[0].video_codec, "av1");
    EXPECT_EQ(kept().size(), 3U);
    EXPECT_EQ(test::frame_hashes(made[0].file()).size(), 112U);
}

TEST_F(SegmentMakerTest, ASetBitRateIsEncodedInOneGo)
{
    Preset whole = two_[0];
    whole.video.crf.reset();
    whole.video.options["b"] = "300000";
    const auto made = delivered(film({0, 1}), {whole}, "whole");
    EXPECT_EQ(made[0].frames, 112);
    EXPECT_TRUE(kept().empty());
}

TEST_F(SegmentMakerTest, AnEncoderThatFailsLeavesTheOtherOutputsAlone)
{
    Preset wrong = two_[1];
    wrong.video.options["no_such_option"] = "1";
    EXPECT_THROW(delivered(film({0, 1}), {wrong, two_[0]}, "out"), Error);
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/wide.mp4"));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out/square.mp4"));
}

/// The least that is left in a bucket of two seconds of this rate, as a share of it: of the finished file, frame by
/// frame.
double least_left(const std::filesystem::path& file, double bits_per_second, double fps)
{
    std::istringstream sizes(
        test::run("ffprobe -v error -select_streams v -show_entries packet=size -of csv=p=0 '" + file.string() + "'")
            .printed);
    const double buffer = 2 * bits_per_second;
    double left = 0.9 * buffer;
    double least = left;
    for (double bytes = 0; sizes >> bytes;) {
        left -= 8 * bytes;
        least = std::min(least, left);
        left = std::min(buffer, left + bits_per_second / fps);
    }
    return least / buffer;
}

/// Every segment alone spends what a full bucket holds, and more than the rate brings back before the next.
TEST_F(SegmentMakerTest, TheRateLimitHoldsOverTheWholeFile)
{
    Timeline cuts = film({0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5});
    for (std::size_t i = 0; i < cuts.items.size(); ++i) { // a quarter of a second each
        cuts.items[i].transition = {};
        cuts.items[i].start = 6 * static_cast<std::int64_t>(i);
        cuts.items[i].frames = cuts.items[i].ranges[0].frames = 6;
        cuts.items[i].ranges[0].first = 10 * static_cast<std::int64_t>(i / 6); // never the same
    }
    Preset limited = two_[0];
    limited.video.crf = 1;
    limited.video.max_bitrate = 100'000;
    const auto made = delivered(cuts, {limited}, "limited");
    EXPECT_GE(least_left(made[0].file(), 100'000, 24), -0.01);
    EXPECT_GT(kept().size(), cuts.items.size()) << "some were encoded again for what was left";

    const auto again = delivered(cuts, {limited}, "again");
    EXPECT_EQ(again[0].reused, again[0].frames);
    expect_same_files("limited", "again");
}

} // namespace
} // namespace longtake::stages
