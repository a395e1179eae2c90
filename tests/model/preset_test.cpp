#include "pipeline/model/preset.h"

#include "pipeline/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace longtake {
namespace {

using test::TempDir;

namespace fs = std::filesystem;

const PresetDirs k_own = {fs::path(LONGTAKE_SOURCE_DIR) / "presets"};

void write(const fs::path& file, const std::string& text)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

std::string preset_complaint(const PresetDirs& dirs, const std::string& name)
{
    try {
        (void)load_preset(dirs, name);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        return error.what();
    }
    return {};
}

TEST(PresetTest, EveryPresetOfOursIsSound)
{
    const auto names = preset_names(k_own);
    EXPECT_GE(names.size(), 11U);
    for (const std::string& name : names) {
        SCOPED_TRACE(name);
        const Preset preset = load_preset(k_own, name);
        EXPECT_EQ(preset.name, name);
        EXPECT_FALSE(preset.source.empty());
        EXPECT_TRUE(preset.checked == "2026-11-21" || preset.checked == "2026-11-30") << preset.checked;
        const std::map<std::string, std::string> others = {{"matroska", ".mkv"}, {"jpeg", ".jpg"}};
        const auto other = others.find(preset.container);
        const bool stream = preset.package != Preset::Package::file;
        EXPECT_EQ(preset.extension, stream                  ? preset.extension
                                    : other == others.end() ? "." + preset.container
                                                            : other->second);
        EXPECT_EQ(preset.audio.sample_rate, 48000);
        EXPECT_LE(preset.audio.true_peak, -1);
        if (preset.video.codec == "h264") {
            EXPECT_EQ(preset.video.profile, "high");
            EXPECT_EQ(preset.video.bframes, preset.limits.fill ? 3 : 2);
            for (const Preset& file : stream ? rungs_of(preset, {7680, 4320}) : std::vector{preset}) {
                EXPECT_TRUE(file.limits.fill || (file.video.crf && file.video.max_bitrate));
            }
        }
        if (preset.audio.codec == "aac" && preset.audio.bitrate < 192'000) {
            EXPECT_LE(preset.audio.true_peak, -1.5);
        }
    }
}

TEST(PresetTest, NamesOfTheContractAreThere)
{
    const auto names = preset_names(k_own);
    for (const char* name :
         {"youtube/1080p30", "youtube/1080p60", "shorts/1080x1920", "tiktok/1080x1920", "reels/1080x1920",
          "feed/1080x1350", "square/1080x1080", "web/h264-720p", "web/av1-1080p", "master/prores-hq", "preview/360p"}) {
        EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
    }
}

TEST(PresetTest, AStreamHasTheSizesThatTheFilmFills)
{
    const Preset preset = load_preset(k_own, "stream/cmaf");
    const auto names = [&](Size film) {
        std::vector<std::string> all;
        for (const Preset& rung : rungs_of(preset, film)) {
            all.push_back(rung.name);
            EXPECT_EQ(rung.container, "cmaf");
            EXPECT_EQ(rung.package, Preset::Package::file);
        }
        return all;
    };
    EXPECT_EQ(names({1920, 1080}),
              (std::vector<std::string>{"1080p-7800k", "1080p-4500k", "720p", "540p", "432p", "360p", "270p", "234p"}));
    EXPECT_EQ(names({720, 1280}).front(), "720p");
    EXPECT_EQ(names({64, 48}), (std::vector<std::string>{"234p"})) << "the smallest at least";
}

TEST(PresetTest, AStreamThatNobodyCouldPlayIsRefused)
{
    const Preset preset = load_preset(k_own, "stream/hls");
    EXPECT_THROW((void)changed_preset(preset, {{"ladder", nullptr}}), Error);
    EXPECT_THROW((void)changed_preset(preset, {{"audio", {{"codec", "opus"}}}}), Error);
    EXPECT_THROW((void)changed_preset(preset, {{"segment_seconds", 1}}), Error);
}

TEST(PresetTest, HasASizeForEachLengthOfFilm)
{
    const Preset preset = load_preset(k_own, "chat/10mb");
    const std::vector<std::pair<double, int>> sizes = {{5, 720}, {30, 720}, {30.1, 540}, {120, 360}, {4000, 240}};
    for (const auto& [seconds, side] : sizes) {
        EXPECT_EQ(preset_for_length(preset, seconds).short_side, side) << seconds;
    }
    EXPECT_EQ(preset_for_length(load_preset(k_own, "web/h264-720p"), 5).short_side, 0) << "nothing is said of lengths";
}

TEST(PresetTest, HoldsTheFactsOfABroadcaster)
{
    const Preset preset = load_preset(k_own, "broadcast/xdcam-hd422");
    EXPECT_TRUE(preset.interlaced);
    EXPECT_EQ(preset.fps, (Rate{50, 1})) << "fields";
    EXPECT_DOUBLE_EQ(preset.audio.loudness, -23);
    EXPECT_DOUBLE_EQ(preset.audio.tolerance, 0.5);
    EXPECT_EQ(preset.audio.short_term, -18);
}

TEST(PresetTest, HoldsTheFactsOfYouTube)
{
    const Preset preset = load_preset(k_own, "youtube/1080p30");
    EXPECT_EQ(preset.size, (Size{1920, 1080}));
    EXPECT_EQ(preset.fps, (Rate{30, 1}));
    EXPECT_DOUBLE_EQ(preset.video.gop_seconds, 0.5);
    EXPECT_EQ(preset.audio.bitrate, 384'000);
    EXPECT_DOUBLE_EQ(preset.audio.loudness, -14);
}

TEST(PresetTest, InheritsAndChangesKeyByKey)
{
    const Preset preset = load_preset(k_own, "youtube/1080p60");
    EXPECT_EQ(preset.fps, (Rate{60, 1}));
    EXPECT_EQ(preset.video.max_bitrate, 12'000'000);
    EXPECT_EQ(preset.video.encoder, "libx264");
    EXPECT_EQ(preset.size, (Size{1920, 1080}));
    EXPECT_FALSE(resolved_preset(k_own, "youtube/1080p60").contains("extends"));
}

TEST(PresetTest, NullRemovesAnInheritedKey)
{
    const Preset uhd = load_preset(k_own, "youtube/2160p");
    EXPECT_FALSE(uhd.fps);
    EXPECT_EQ(uhd.max_fps, (Rate{60, 1}));
    EXPECT_TRUE(load_preset(k_own, "feed/1080x1350").safe_box.is_null());
}

TEST(PresetTest, TheUsersFolderComesFirstAndMayChangeThePresetItHides)
{
    const TempDir dir;
    write(dir / "delivery/youtube/1080p30.json",
          R"({"schema":"longtake/delivery/1","extends":"youtube/1080p30","video":{"crf":12}})");
    const PresetDirs dirs = {dir / "", k_own.front()};
    const Preset preset = load_preset(dirs, "youtube/1080p30");
    EXPECT_DOUBLE_EQ(*preset.video.crf, 12);
    EXPECT_EQ(preset.video.encoder, "libx264");
    EXPECT_EQ(preset_names(dirs), preset_names(k_own));
}

TEST(PresetTest, IsReadFromAFileToo)
{
    const TempDir dir;
    write(dir / "mine.json", R"({"schema":"longtake/delivery/1","extends":"web/h264-720p","size":"640x360"})");
    const Preset preset = load_preset(k_own, (dir / "mine.json").string());
    EXPECT_EQ(preset.name, "mine");
    EXPECT_EQ(preset.size, (Size{640, 360}));
}

TEST(PresetTest, KeepsItsWholeTextWithDefaultsAndChanges)
{
    const Preset preset = load_preset(k_own, "preview/360p");
    EXPECT_EQ(preset.resolved["video"]["pixel_format"], "yuv420p");
    EXPECT_EQ(preset.resolved["edit_list"], true);
    const Preset changed = changed_preset(preset, {{"video", {{"crf", 40}, {"profile", nullptr}}}});
    EXPECT_DOUBLE_EQ(*changed.video.crf, 40);
    EXPECT_EQ(changed.video.profile, "");
    EXPECT_EQ(changed.video.encoder, preset.video.encoder);
    EXPECT_EQ(changed.name, preset.name);
    EXPECT_NE(shape_of(changed), shape_of(preset));
    EXPECT_EQ(changed_preset(master_preset(), {{"container", "mov"}}).copies, Preset::Copies::any);
}

TEST(PresetTest, TheMasterIsAsItsSchemaWantsIt)
{
    const Preset master = master_preset();
    EXPECT_EQ(master.video.pixel_format, "yuv420p");
    EXPECT_EQ(master.audio.channels, 2);
    EXPECT_DOUBLE_EQ(master.audio.loudness, -14);
    EXPECT_DOUBLE_EQ(*master.video.crf, 18);
    EXPECT_FALSE(master.video.max_bitrate);
    EXPECT_FALSE(master.size);
}

TEST(PresetTest, APipeIsRefused)
{
    const TempDir dir;
    ASSERT_EQ(::mkfifo((dir / "pipe.json").c_str(), 0600), 0);
    EXPECT_NE(preset_complaint(k_own, (dir / "pipe.json").string()).find("is a pipe"), std::string::npos);
}

TEST(PresetTest, NamesTheNearestPreset)
{
    const std::string text = preset_complaint(k_own, "youtub/1080p30");
    EXPECT_TRUE(text.starts_with("unknown preset 'youtub/1080p30'; did you mean 'youtube/1080p30'?")) << text;
}

TEST(PresetTest, StaysInItsFolder)
{
    EXPECT_TRUE(preset_complaint(k_own, "../models/kling").starts_with("unknown preset"));
    EXPECT_TRUE(preset_complaint(k_own, "/etc/passwd").starts_with("unknown preset"));
    EXPECT_TRUE(preset_complaint(k_own, "").starts_with("unknown preset"));
}

TEST(PresetTest, DetectsACircle)
{
    const TempDir dir;
    write(dir / "delivery/a/one.json", R"({"schema":"longtake/delivery/1","extends":"a/two"})");
    write(dir / "delivery/a/two.json", R"({"schema":"longtake/delivery/1","extends":"a/one"})");
    EXPECT_NE(preset_complaint({dir / ""}, "a/one").find("extends itself: a/one -> a/two -> a/one"), std::string::npos);
    write(dir / "delivery/a/self.json", R"({"schema":"longtake/delivery/1","extends":"a/self"})");
    EXPECT_NE(preset_complaint({dir / ""}, "a/self").find("unknown preset 'a/self'"), std::string::npos);
}

TEST(PresetTest, IsCheckedAgainstItsSchemaInOurWords)
{
    const TempDir dir;
    write(dir / "delivery/x/y.json", R"({"schema":"longtake/delivery/1","extends":"preview/360p","contaner":"mp4"})");
    write(dir / "delivery/x/z.json", R"({"schema":"longtake/delivery/1","extends":"preview/360p","video":{"crf":99}})");
    const PresetDirs dirs = {dir / "", k_own.front()};
    EXPECT_NE(preset_complaint(dirs, "x/y").find("y.json: /contaner: unknown key; did you mean \"container\"?"),
              std::string::npos);
    EXPECT_NE(preset_complaint(dirs, "x/z").find("z.json: /video/crf: found 99; must be <= 63"), std::string::npos);
}

} // namespace
} // namespace longtake
