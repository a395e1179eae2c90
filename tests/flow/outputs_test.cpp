#include "pipeline/flow/outputs.h"

#include "pipeline/base/error.h"
#include "pipeline/model/schema/schema.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <regex>
#include <set>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

/// A preset in which every property of the schema stands.
const char* const k_full_preset = R"({
  "$schema": "for-editors", "schema": "longtake/delivery/1", "description": "all of it",
  "container": "mp4", "extension": ".mp4", "size": "1280x720", "short_side": 360, "never_upscale": true, "edit_list": true,
  "package": "file", "copies": true, "segment_seconds": 6,
  "ladder": [{ "short_side": 360, "video": { "max_bitrate": 1000000, "crf": 20, "profile": "high", "encoder_preset": "medium" } }],
  "by_length": [{ "up_to": 30, "short_side": 360 }], "first_seconds": 6, "interlaced": false, "dynamic_range": "sdr",
  "sprites": { "interval": 2, "tile": "320x180", "columns": 10, "rows": 10 },
  "fps": 30, "min_fps": 24, "max_fps": "60000/1001", "reframe": "pad",
  "video": { "codec": "h264", "encoder": "libx264", "profile": "high", "pixel_format": "yuv420p", "crf": 20,
             "max_bitrate": 8000000, "encoder_preset": "medium", "tune": "film", "gop_seconds": 2, "bframes": 2,
             "options": { "aq-mode": 1 } },
  "audio": { "codec": "aac", "bitrate": 192000, "sample_rate": 48000, "channels": 2, "loudness": -14, "true_peak": -2,
             "tolerance": 1, "short_term": -9 },
  "limits": { "min_seconds": 1, "max_seconds": 600, "max_bytes": 1000000, "fill": true },
  "safe_box": { "x": [0.1, 0.9], "y": [0.1, 0.9] },
  "source": "a page", "checked": "2026-11-21", "note": "a word" })";

const std::set<std::string> k_prose = {"/$schema", "/description", "/source", "/checked", "/note"};

/// Another text the pattern lets through, one character changed.
json other_text(const std::string& text, const json& rule)
{
    const std::regex pattern(rule.value("pattern", ".*"));
    for (std::size_t i = text.size(); i-- > 0;) {
        for (const char c : {'2', '3', 'x', 'y'}) {
            std::string other = text;
            other[i] = c;
            if (other != text && std::regex_match(other, pattern)) {
                return other;
            }
        }
    }
    return {};
}

json other_number(const json& value, const json& rule)
{
    const double number = value.get<double>();
    for (const double step : {1.0, -1.0, 0.05}) {
        const double other = number + step;
        if (other >= rule.value("minimum", 0.001) && other <= rule.value("maximum", 1e12)) {
            return value.is_number_integer() ? json(static_cast<std::int64_t>(other)) : json(other);
        }
    }
    return {};
}

/// Another value the schema allows in the place of this one; null if it allows no other.
json other_value(const json& value, const json& rule)
{
    if (rule.contains("const")) {
        return {};
    }
    if (rule.contains("enum")) {
        const json& words = rule["enum"];
        return words.size() == 1 ? json() : words[0] == value ? words[1] : words[0];
    }
    return value.is_boolean()  ? json(!value.get<bool>())
           : value.is_number() ? other_number(value, rule)
           : value.is_string() ? other_text(value.get<std::string>(), rule)
                               : json();
}

using Visit = std::function<void(const std::string& pointer, const json& rule)>;

/// Every property of a schema that holds a value of its own, and the items of its lists.
void walk(const json& rule, const std::string& pointer, const Visit& visit)
{
    if (rule.contains("$ref")) {
        walk(schema("delivery").at(json::json_pointer(rule["$ref"].get<std::string>().substr(1))), pointer, visit);
    } else if (rule.contains("properties")) {
        for (const auto& [key, member] : rule["properties"].items()) {
            walk(member, pointer_to(pointer, key), visit);
        }
    } else if (rule.contains("items")) {
        for (std::size_t i = 0; i < rule.value("minItems", 1U); ++i) {
            walk(rule["items"], pointer_to(pointer, i), visit);
        }
    } else {
        visit(pointer, rule);
    }
}

class OutputsTest : public ::testing::Test {
protected:
    OutputsTest()
    {
        plan_.rate = {24, 1};
        plan_.frames = 240;
        board_.title = "A film";
        account_.preset_dirs = {dir_.path(), fs::path(LONGTAKE_SOURCE_DIR) / "presets"};
        options_.output = dir_ / "out";
    }

    std::vector<stages::OutputSpec> outputs() { return outputs_for(board_, plan_, options_, account_); }

    /// What the ledger would know the delivery of this preset by.
    json shape(const json& preset)
    {
        fs::create_directories(dir_ / "delivery/x");
        std::ofstream(dir_ / "delivery/x/y.json") << preset;
        options_.presets = {"x/y"};
        return shape_of(outputs().front());
    }

    std::string complaint()
    {
        try {
            outputs();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage);
            return error.what();
        }
        return "";
    }

    test::TempDir dir_;
    Storyboard board_;
    Plan plan_;
    FilmOptions options_;
    Account account_;
};

TEST_F(OutputsTest, AMasterIsHevcWhereAllClipsAre)
{
    const auto clip = [](const std::string& codec, const std::string& pixel_format) {
        ShotPlan shot;
        shot.kind = ShotPlan::Kind::clip;
        shot.coding = {codec, pixel_format};
        return shot;
    };
    const auto master_of = [&](std::vector<ShotPlan> shots) {
        plan_.shots = std::move(shots);
        return outputs().front().preset.video;
    };
    EXPECT_EQ(master_of({}).codec, "h264");
    EXPECT_EQ(master_of({clip("h264", "yuv420p")}).codec, "h264");
    const Preset::Video eight = master_of({clip("hevc", "yuv420p"), clip("hevc", "yuv420p")});
    EXPECT_EQ(eight.encoder, "libx265");
    EXPECT_EQ(eight.profile, "main");
    const Preset::Video ten = master_of({clip("hevc", "yuv420p10le"), clip("hevc", "yuv420p10le")});
    EXPECT_EQ(ten.pixel_format, "yuv420p10le");
    EXPECT_EQ(ten.profile, "main10");
    EXPECT_EQ(master_of({clip("hevc", "yuv420p"), clip("hevc", "yuv420p10le")}).codec, "h264");
    EXPECT_EQ(master_of({clip("hevc", "yuv420p"), clip("h264", "yuv420p")}).codec, "h264");
    EXPECT_EQ(master_of({clip("hevc", "yuv420p"), ShotPlan()}).codec, "h264") << "a shot that is generated";
    EXPECT_EQ(master_of({clip("hevc", "yuv422p10le")}).codec, "h264");
    EXPECT_EQ(master_of({clip("", "")}).codec, "h264");
}

TEST_F(OutputsTest, AMasterIsAv1WhereAllClipsAre)
{
    const auto clip = [](const std::string& codec, const std::string& pixel_format) {
        ShotPlan shot;
        shot.kind = ShotPlan::Kind::clip;
        shot.coding = {codec, pixel_format};
        return shot;
    };
    plan_.shots = {clip("av1", "yuv420p10le"), clip("av1", "yuv420p10le")};
    const Preset::Video ten = outputs().front().preset.video;
    EXPECT_EQ(ten.encoder, "libsvtav1");
    EXPECT_EQ(ten.pixel_format, "yuv420p10le");
    EXPECT_EQ(ten.profile, "");
    plan_.shots = {clip("av1", "yuv420p"), clip("hevc", "yuv420p")};
    EXPECT_EQ(outputs().front().preset.video.codec, "h264");
    plan_.shots = {clip("av1", "yuv420p")};
    options_.crf = 30;
    for (const auto& [word, number] : {std::pair{"medium", "8"}, std::pair{"veryfast", "11"}, std::pair{"slow", "6"}}) {
        options_.encoder_preset = word;
        const Preset::Video video = outputs().front().preset.video;
        EXPECT_EQ(video.encoder_preset, number) << "libx264's words are SVT-AV1's numbers";
        EXPECT_EQ(video.crf, 30);
    }
    options_.crf = 0;
    EXPECT_EQ(outputs().front().preset.video.codec, "h264") << "lossless, which SVT-AV1 is not";
    EXPECT_EQ(outputs().front().preset.video.encoder_preset, "slow");
    options_ = FilmOptions();
    options_.output = dir_ / "film.mkv";
    EXPECT_EQ(outputs().front().preset.video.codec, "av1");
    options_.output = dir_ / "film.MOV";
    EXPECT_EQ(outputs().front().preset.video.codec, "h264") << "which QuickTime files hold";
}

TEST_F(OutputsTest, NothingIsCopiedIntoAnH264MasterOfHevcClips)
{
    ShotPlan shot;
    shot.kind = ShotPlan::Kind::clip;
    shot.coding = {"hevc", "yuv420p"};
    plan_.shots = {shot};
    options_.crf = 24;
    EXPECT_EQ(outputs().front().preset.video.crf, 24) << "libx265's";
    EXPECT_EQ(outputs().front().preset.video.codec, "hevc");
    options_.crf = 0;
    EXPECT_EQ(outputs().front().preset.video.codec, "h264") << "lossless";
    options_.crf = {};
    options_.copy = false;
    EXPECT_EQ(outputs().front().preset.video.codec, "h264");
    options_.copy = true;
    options_.output = dir_ / "film.mkv";
    EXPECT_EQ(outputs().front().preset.container, "matroska");
    EXPECT_EQ(outputs().front().preset.video.codec, "hevc");
}

TEST_F(OutputsTest, EveryPropertyOfAPresetThatShapesAFileIsInItsKey)
{
    const json full = json::parse(k_full_preset);
    const json before = shape(full);
    EXPECT_EQ(shape(full), before);
    int shaping = 0;
    walk(schema("delivery"), "", [&](const std::string& pointer, const json& rule) {
        SCOPED_TRACE(pointer);
        if (pointer.starts_with("/accepts/")) { // which files are held against, and none is made by
            return;
        }
        if (pointer == "/extends") { // resolved: what it brings is in the other properties
            return;
        }
        const json::json_pointer place(pointer);
        ASSERT_TRUE(full.contains(place)) << "a new property: give it a value in k_full_preset";
        json plain = full;
        if (pointer == "/short_side") {
            plain.erase("by_length"); // which wins over it
        }
        json changed = plain;
        changed[place] = other_value(full[place], rule);
        if (pointer == "/video/options") {
            changed[place] = {{"aq-mode", 2}};
        }
        if (rule.contains("const") || (rule.contains("enum") && rule["enum"].size() == 1)) {
            return; // there is no other value yet
        }
        ASSERT_FALSE(changed[place].is_null()) << "no other value was found";
        EXPECT_EQ(shape(changed) == shape(plain), k_prose.contains(pointer));
        shaping += k_prose.contains(pointer) ? 0 : 1;
    });
    EXPECT_GE(shaping, 30);
}

TEST_F(OutputsTest, FlagsAndNamesAreInTheKey)
{
    const json before = shape_of(outputs().front());
    options_.crf = 20;
    const json with_crf = shape_of(outputs().front());
    EXPECT_NE(with_crf, before);
    options_.encoder_preset = "fast";
    EXPECT_NE(shape_of(outputs().front()), with_crf);
    options_.crf = 0;
    const stages::OutputSpec lossless = outputs().front();
    EXPECT_EQ(lossless.preset.video.profile, "");
    EXPECT_EQ(lossless.preset.video.crf, 0);
    EXPECT_EQ(lossless.preset.copies, Preset::Copies::any);
    options_ = FilmOptions();
    options_.output = dir_ / "film.mkv";
    const stages::OutputSpec matroska = outputs().front();
    EXPECT_EQ(matroska.preset.container, "matroska");
    EXPECT_NE(shape_of(matroska)["preset"], before["preset"]);
}

TEST_F(OutputsTest, WhatStandsBesideAFileGoesByItsKind)
{
    options_.posters = true;
    board_.captions = CaptionSettings{.as = {CaptionForm::side_car}};
    options_.presets = {"web/h264-720p", "preview/gif", "preview/sprites", "poster/jpg"};
    const auto all = outputs();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0].beside.size(), 3U) << "captions, twice, and a poster";
    EXPECT_TRUE(all[1].beside.empty()) << "it stands for the film";
    EXPECT_EQ(all[2].beside, std::vector{fs::path(all[2].file).replace_extension(".vtt")});
    EXPECT_TRUE(all[3].beside.empty()) << "it is the poster";
}

TEST_F(OutputsTest, AFileNamedAsAPresetMakesThemNeedsThatPreset)
{
    options_.output = dir_ / "film.gif";
    EXPECT_THAT(complaint(), HasSubstr("preset master makes .mp4 files"));
    options_.presets = {"preview/gif"};
    EXPECT_EQ(complaint(), "");
}

TEST_F(OutputsTest, AFilmsLengthDecidesItsSizeWhereAPresetSaysSo)
{
    options_.presets = {"chat/10mb"};
    EXPECT_EQ(outputs().front().preset.short_side, 720) << "10 s";
    plan_.frames = 24 * 100;
    EXPECT_EQ(outputs().front().preset.short_side, 360);
    plan_.frames = 24 * 400;
    EXPECT_THAT(complaint(), HasSubstr("at most 300 s"));
}

TEST_F(OutputsTest, ALongTitleIsCutSoThatItsFileCanHaveItsName)
{
    options_.presets = {"youtube/1080p30"};
    for (int i = 0; i < 80; ++i) {
        board_.title += "\u5496";
    }
    const std::string name = outputs().front().file.filename().string();
    EXPECT_LE(name.size() + 24, 255U);
    EXPECT_GE(name.size() + 24, 250U);
    EXPECT_THAT(name, HasSubstr("\u5496-youtube-1080p30.mp4"));
}

TEST_F(OutputsTest, ATitleThatIsOneEndlessLetterStillHasAName)
{
    board_.title = "e";
    for (int i = 0; i < 300; ++i) {
        board_.title += "\u0301";
    }
    EXPECT_EQ(outputs().front().file.filename(), "film-master.mp4");
}

TEST_F(OutputsTest, ANameNoFileCanHaveIsRefused)
{
    options_.output = dir_ / (std::string(240, 'x') + ".mp4");
    EXPECT_THAT(complaint(), HasSubstr("the name has 244 bytes, 231 are possible"));
    options_.output = dir_ / (std::string(400, 'x') + ".mp4");
    EXPECT_THAT(complaint(), HasSubstr("the name has 404 bytes"));
    options_.output = dir_ / std::string(256, 'x');
    EXPECT_THAT(complaint(), HasSubstr("the name of a folder has 256 bytes"));
    fs::path deep = dir_.path();
    for (int i = 0; i < 30; ++i) {
        deep /= std::string(200, 'x');
    }
    options_.output = deep;
    EXPECT_THAT(complaint(), HasSubstr("the whole path"));
    options_.output = dir_ / (std::string(227, 'x') + ".mp4");
    EXPECT_EQ(complaint(), "");
}

} // namespace
} // namespace longtake
