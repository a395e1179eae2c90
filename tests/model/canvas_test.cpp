#include "pipeline/model/canvas.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

Preset preset(std::optional<Size> size)
{
    Preset preset = master_preset();
    preset.size = size;
    return preset;
}

TEST(CanvasTest, IsTheFilmsOwnUnlessThePresetNamesASize)
{
    EXPECT_EQ(canvas_of(preset({}), {1280, 720}).size, (Size{1280, 720}));
    EXPECT_EQ(canvas_of(preset(Size{1920, 1080}), {1280, 720}).size, (Size{1920, 1080}));
}

TEST(CanvasTest, ASmallerFilmKeepsItsSizeWhereThePresetSaysSo)
{
    Preset never = preset(Size{1920, 1080});
    never.never_upscale = true;
    EXPECT_EQ(canvas_of(never, {1280, 720}).size, (Size{1280, 720}));
    EXPECT_EQ(canvas_of(never, {3840, 2160}).size, (Size{1920, 1080}));
    EXPECT_EQ(canvas_of(never, {1080, 1920}).size, (Size{1920, 1080})) << "one side is larger";
}

TEST(CanvasTest, TheRateIsThePresetsOrTheFilmsWithinItsBounds)
{
    Preset some = preset({});
    EXPECT_EQ(output_rate(some, {24, 1}), (Rate{24, 1}));
    some.max_fps = Rate{60, 1};
    some.min_fps = Rate{23, 1};
    EXPECT_EQ(output_rate(some, {120, 1}), (Rate{60, 1}));
    EXPECT_EQ(output_rate(some, {10, 1}), (Rate{23, 1}));
    some.fps = Rate{30, 1};
    EXPECT_EQ(output_rate(some, {24, 1}), (Rate{30, 1}));
}

TEST(CanvasTest, OnlyAFilmShownWholeHasThePlatformsSafeBox)
{
    EXPECT_TRUE(shows_whole(preset(Size{1920, 1080}), {1280, 720}));
    EXPECT_FALSE(shows_whole(preset(Size{1080, 1920}), {1280, 720}));
    Preset boxed = preset({});
    boxed.safe_box = {{"x", {0.2, 0.95}}, {"y", {0.05, 0.7}}};
    const SafeBox both = SafeBox().within(safe_box_of(boxed));
    EXPECT_EQ(both.list(), (std::array{0.2, 0.9, 0.1, 0.7}));
}

TEST(CanvasTest, AShortSideKeepsTheFilmsAspect)
{
    Preset preset = master_preset();
    preset.short_side = 360;
    EXPECT_EQ(canvas_of(preset, {1920, 1080}).size, (Size{640, 360}));
    EXPECT_EQ(canvas_of(preset, {1080, 1920}).size, (Size{360, 640}));
    EXPECT_EQ(canvas_of(preset, {1080, 1350}).size, (Size{360, 450}));
    EXPECT_TRUE(shows_whole(preset, {1080, 1920}));
}

} // namespace
} // namespace longtake
