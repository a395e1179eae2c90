#include "pipeline/model/delivery/preset_check.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace longtake {
namespace {

const PresetDirs k_shipped = {std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"};

TEST(PresetCheckTest, NothingOfOursIsWrong)
{
    for (const std::string& name : preset_names(k_shipped)) {
        for (const std::string& problem : problems_of(load_preset(k_shipped, name), "2026-11-30")) {
            ADD_FAILURE() << name << ": " << problem;
        }
    }
}

TEST(PresetCheckTest, FactsGrowOld)
{
    const Preset preset = load_preset(k_shipped, "x/720p");
    EXPECT_TRUE(problems_of(preset, "2027-11-21").empty());
    const auto problems = problems_of(preset, "2027-11-22");
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(problems[0], "what it says was checked on 2026-11-21: more than a year ago");
}

TEST(PresetCheckTest, WhatWouldBeRefusedIsNamed)
{
    Preset preset = load_preset(k_shipped, "x/720p");
    preset.size = Size{1920, 1080};
    preset.video.codec = "av1";
    preset.limits.max_seconds = 200;
    const auto problems = problems_of(preset, "2026-11-30");
    ASSERT_EQ(problems.size(), 4U);
    EXPECT_EQ(problems[0], "makes video_codec av1, accepted is h264");
    EXPECT_EQ(problems[1], "makes width 1920 px, accepted is at most 1280 px");
    EXPECT_EQ(problems[2], "makes height 1080 px, accepted is at most 1024 px");
    EXPECT_EQ(problems[3], "limits: max_seconds is 200, though at most 140 is accepted");
}

} // namespace
} // namespace longtake
