#include "pipeline/render/overlay_layout.h"

#include "pipeline/base/error.h"
#include "tests/render/styled.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

using test::card;
using test::overlay;
using test::style;

constexpr Size k_wide{960, 540};
constexpr Size k_square{540, 540};
constexpr Size k_tall{540, 960};

const std::vector<std::pair<const char*, const char*>> k_languages = {
    {"Latin", "Freshly roasted coffee for every morning"}, {"Arabic", "قهوة محمصة طازجة لكل صباح"},
    {"Devanagari", "हर सुबह के लिए ताज़ी भुनी कॉफ़ी"},          {"Thai", "กาแฟคั่วสดใหม่ทุกเช้า"},
    {"Japanese", "毎朝ていねいに焙煎した新鮮なコーヒー"},  {"Chinese", "每天早晨新鲜烘焙的咖啡等你来品尝"},
};

/// The letters' box inside the safe box, to a pixel: ink is rounded up to whole ones.
void expect_inside(const OverlayLayout& layout, const Canvas& canvas, const std::string& what)
{
    for (const Sprite& sprite : layout.sprites) {
        EXPECT_GE(sprite.ink.left, canvas.safe.left * canvas.size.width - 1) << what;
        EXPECT_LE(sprite.ink.right, canvas.safe.right * canvas.size.width + 1) << what;
        EXPECT_GE(sprite.ink.top, canvas.safe.top * canvas.size.height - 1) << what;
        EXPECT_LE(sprite.ink.bottom, canvas.safe.bottom * canvas.size.height + 1) << what;
    }
}

void expect_apart(const OverlayLayout& layout, const std::string& what)
{
    for (std::size_t i = 1; i < layout.sprites.size(); ++i) {
        EXPECT_GE(layout.sprites[i].ink.top, layout.sprites[i - 1].ink.bottom) << what << ", line " << i;
    }
}

TEST(OverlayLayoutTest, CardsStayInsideTheSafeBoxInEveryScriptShapeAndStyle)
{
    for (const char* name : {"studio", "editorial", "poster", "luxe", "terminal", "fresh"}) {
        for (const auto& [language, text] : k_languages) {
            for (const Size size : {k_wide, k_square, k_tall}) {
                const Canvas canvas{size, Fit::blur, size == k_tall ? SafeBox{0.09, 0.85, 0.14, 0.66} : SafeBox{}};
                const OverlayLayout layout = lay_out(card({{TextRole::title, text},
                                                           {TextRole::subtitle, text},
                                                           {TextRole::price, "-30 %"},
                                                           {TextRole::call_to_action, "Order now"}},
                                                          style(name)),
                                                     canvas);
                const std::string what = std::string(name) + ", " + language + ", " + size.text();
                expect_inside(layout, canvas, what);
                expect_apart(layout, what);
                EXPECT_FALSE(layout.scrim) << what;
            }
        }
    }
}

TEST(OverlayLayoutTest, TextOverPicturesStandsWhereItIsSaidAndHasAScrim)
{
    for (const auto& [language, text] : k_languages) {
        for (const Size size : {k_wide, k_square, k_tall}) {
            for (const TextRole role : {TextRole::title, TextRole::body, TextRole::lower_third}) {
                const Canvas canvas{size};
                const OverlayLayout layout = lay_out(overlay({{role, text}}), canvas);
                expect_inside(layout, canvas, language);
                ASSERT_TRUE(layout.scrim);
                EXPECT_LE(layout.scrim->strength, 0.35);
                EXPECT_GE(layout.sprites.front().ink.top, size.height / 2) << language;
            }
        }
    }
    Overlay upper = overlay({{TextRole::title, "Coffee"}});
    upper.at = Place::upper;
    EXPECT_NEAR(lay_out(upper, {k_wide}).sprites.front().ink.top, 54, 2);
}

TEST(OverlayLayoutTest, CapitalsHaveTheSizeOfTheirRole)
{
    const OverlayLayout layout =
        lay_out(card({{TextRole::title, "HTE HTE"}, {TextRole::subtitle, "HHH HHH"}}), {k_wide});
    EXPECT_NEAR(layout.sprites.at(0).ink.height(), 0.07 * 540, 2);
    EXPECT_NEAR(layout.sprites.at(1).ink.height(), 0.032 * 540, 2);
}

TEST(OverlayLayoutTest, ATitleOfOneWordGrows)
{
    const OverlayLayout one = lay_out(card({{TextRole::title, "SALE"}}), {k_wide});
    EXPECT_GT(one.sprites.front().ink.height(), 1.3 * 0.07 * 540);
    EXPECT_LE(one.sprites.front().ink.width(), 0.6 * 0.8 * 960 + 1);
}

TEST(OverlayLayoutTest, LinesAreFlushWhereTheScriptBegins)
{
    const auto edges = [](const char* text) {
        return lay_out(card({{TextRole::title, text}, {TextRole::subtitle, text}}), {k_wide}).sprites;
    };
    for (const Sprite& sprite : edges("Jump Hot Wine")) {
        EXPECT_NEAR(sprite.ink.left, 96, 0.5);
    }
    for (const Sprite& sprite : edges("قهوة كل صباح")) {
        EXPECT_NEAR(sprite.ink.right, 960 - 96, 0.5);
    }
    for (const Sprite& sprite : lay_out(card({{TextRole::title, "Hot"}}, style("fresh")), {k_wide}).sprites) {
        EXPECT_NEAR(sprite.ink.left + sprite.ink.right, 960, 1);
    }
}

TEST(OverlayLayoutTest, TooMuchIsShrunkAndThenRefused)
{
    std::string text;
    for (int i = 0; i < 20; ++i) {
        text += "coffee every morning ";
    }
    const OverlayLayout layout = lay_out(card({{TextRole::title, text}}), {k_wide});
    expect_inside(layout, {k_wide}, "long");
    EXPECT_LT(layout.sprites.front().ink.height(),
              lay_out(card({{TextRole::title, "coffee by"}}), {k_wide}).sprites.front().ink.height());
    for (int i = 0; i < 4; ++i) {
        text += text;
    }
    EXPECT_THROW(lay_out(card({{TextRole::title, text}}), {k_wide}), Error);
}

TEST(OverlayLayoutTest, SaysWhatIsHardToRead)
{
    EXPECT_TRUE(lay_out(card({{TextRole::title, "Coffee"}}), {k_wide}).notes.empty());
    const Style pale = style(R"({"palette":{"ground":"#ffffff","ink":"#bbbbbb"}})");
    const auto notes = lay_out(card({{TextRole::title, "Coffee"}}, pale), {k_wide}).notes;
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes.front().find("1.9:1"), std::string::npos) << notes.front();
}

} // namespace
} // namespace longtake::render
