#include "pipeline/model/brand/style.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/model/rgb.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <set>

namespace longtake {
namespace {

const std::vector<std::filesystem::path> k_dirs = {std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"};

std::string style_complaint(const std::string& reference)
{
    try {
        load_style(k_dirs, reference);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

TEST(StyleTest, ThereAreSixThatDiffer)
{
    const std::vector<std::string> names = style_names(k_dirs);
    EXPECT_EQ(names, (std::vector<std::string>{"editorial", "fresh", "luxe", "poster", "studio", "terminal"}));
    std::set<std::string> grounds;
    for (const std::string& name : names) {
        grounds.insert(load_style(k_dirs, name).ground);
    }
    EXPECT_EQ(grounds.size(), 6U);
}

TEST(StyleTest, InkCanBeReadOnItsGround)
{
    for (const std::string& name : style_names(k_dirs)) {
        const Style style = load_style(k_dirs, name);
        EXPECT_GE(contrast_ratio(relative_luminance(*rgb_of(style.ink)), relative_luminance(*rgb_of(style.ground))),
                  4.5)
            << name;
    }
}

TEST(StyleTest, LeavesOutWhatAnotherHas)
{
    const Style studio = load_style(k_dirs, "studio");
    const Style own = load_style(k_dirs, R"({"palette":{"accent":"#00ff00"},"roles":{"title":{"weight":400}}})");
    EXPECT_EQ(own.ground, studio.ground);
    EXPECT_EQ(own.accent, "#00ff00");
    EXPECT_EQ(own.look(TextRole::title).weight, 400);
    EXPECT_EQ(own.look(TextRole::title).landscape, studio.look(TextRole::title).landscape);
    EXPECT_EQ(load_style(k_dirs, R"({"extends":"luxe"})").ground, load_style(k_dirs, "luxe").ground);
}

TEST(StyleTest, CapitalsAreAShareOfTheShorterSideByShape)
{
    const RoleLook look = load_style(k_dirs, "studio").look(TextRole::title);
    EXPECT_NEAR(look.cap({1920, 1080}), 0.07 * 1080, 1e-9);
    EXPECT_NEAR(look.cap({1080, 1080}), 0.075 * 1080, 1e-9);
    EXPECT_NEAR(look.cap({1080, 1920}), 0.08 * 1080, 1e-9);
}

TEST(StyleTest, FilesAreReadAndTheirLogoLiesBesideThem)
{
    const test::TempDir dir;
    write_atomic(dir / "acme.json",
                 R"({"schema":"longtake/brand/1","extends":"fresh","logo":{"file":"logo.png","at":"top_right"}})");
    const Style style = load_style(k_dirs, style_reference("acme.json", dir.path()));
    EXPECT_EQ(style.ground, load_style(k_dirs, "fresh").ground);
    EXPECT_EQ(style.logo.value().file, dir / "logo.png");
    EXPECT_EQ(style.logo.value().at, Logo::At::top_right);
    EXPECT_EQ(style_reference("fresh", dir.path()), "fresh");
    const Style object = load_style(k_dirs, style_reference({{"logo", {{"file", "l.png"}}}}, dir.path()));
    EXPECT_EQ(object.logo.value().file, dir / "l.png");
}

TEST(StyleTest, WhatItBringsAlongLiesBesideIt)
{
    const test::TempDir dir;
    const nlohmann::json own = {{"fonts", {{"body", "Inter"}, {"files", {"fonts/a.ttf", "/b.otf"}}}},
                                {"lut", "film.cube"}};
    nlohmann::json in_file = own;
    in_file["schema"] = "longtake/brand/1";
    write_atomic(dir / "acme.json", in_file.dump());
    for (const auto& reference : {style_reference("acme.json", dir.path()), style_reference(own, dir.path())}) {
        const Style style = load_style(k_dirs, reference);
        EXPECT_EQ(style.fonts, (std::vector<StyleFile>{{dir / "fonts/a.ttf"}, {"/b.otf"}}));
        EXPECT_EQ(style.lut, StyleFile{dir / "film.cube"});
        EXPECT_EQ(style.body, "Inter");
    }
    EXPECT_FALSE(load_style(k_dirs, "studio").lut);
    EXPECT_NE(style_complaint(R"({"fonts":{"files":"a.ttf"}})").find("/fonts/files"), std::string::npos);
}

TEST(StyleTest, SaysWhatIsWrong)
{
    EXPECT_NE(style_complaint("studoi").find("studio"), std::string::npos) << style_complaint("studoi");
    EXPECT_NE(style_complaint(R"({"pallete":{}})").find("palette"), std::string::npos);
    EXPECT_NE(style_complaint(R"({"palette":{"ink":"red"}})").find("/palette/ink"), std::string::npos);
    const test::TempDir dir;
    make_folder(dir / "brand");
    write_atomic(dir / "brand" / "a.json", R"({"schema":"longtake/brand/1","extends":"b"})");
    write_atomic(dir / "brand" / "b.json", R"({"schema":"longtake/brand/1","extends":"a"})");
    EXPECT_THROW(load_style({dir.path(), k_dirs.front()}, "a"), Error);
}

TEST(StyleTest, ItsShapeIsWhatIsSeenOfIt)
{
    const auto shape = [](const std::string& json) { return shape_of(load_style(k_dirs, json)).dump(); };
    const std::string before = shape("{}");
    EXPECT_EQ(shape(R"({"description":"other"})"), before);
    EXPECT_EQ(shape(R"({"logo":{"file":"/l.png"}})"), before) << "it is part of the overlay that shows it";
    EXPECT_EQ(shape(R"({"lut":"/l.cube"})"), before) << "it grades pictures, not text";
    EXPECT_NE(shape(R"({"fonts":{"files":["/a.ttf"]}})"), before);
    Style style = load_style(k_dirs, R"({"fonts":{"files":["/a.ttf"]}})");
    style.fonts[0].sha256 = "aaa";
    const std::string with_font = shape_of(style).dump();
    style.fonts[0].file = "/b.ttf";
    EXPECT_EQ(shape_of(style).dump(), with_font) << "by what is in them";
    style.fonts[0].sha256 = "bbb";
    EXPECT_NE(shape_of(style).dump(), with_font);
    EXPECT_NE(shape(R"({"palette":{"ink":"#fffff0"}})"), before);
    EXPECT_NE(shape(R"({"roles":{"price":{"tracking":0.1}}})"), before);
}

} // namespace
} // namespace longtake
