#include "pipeline/render/caption_layout.h"

#include "pipeline/base/error.h"
#include "tests/render/styled.h"

#include <gtest/gtest.h>

#include <string>

namespace longtake::render {
namespace {

const Canvas k_screen{{1280, 720}, Fit::crop, {0.1, 0.9, 0.1, 0.9}};
const Canvas k_phone{{720, 1280}, Fit::crop, {0.06, 0.86, 0.14, 0.65}};

Overlay caption(const std::string& text, std::vector<TimedWord> words = {})
{
    Overlay overlay = test::overlay({{TextRole::caption, text}});
    overlay.words = std::move(words);
    return overlay;
}

void expect_inside(const OverlayLayout& layout, const Canvas& canvas)
{
    for (const Sprite& sprite : layout.sprites) {
        EXPECT_GE(sprite.ink.left, canvas.safe.left * canvas.size.width - 1);
        EXPECT_LE(sprite.ink.right, canvas.safe.right * canvas.size.width + 1);
        EXPECT_GE(sprite.ink.top, canvas.safe.top * canvas.size.height - 1);
        EXPECT_LE(sprite.ink.bottom, canvas.safe.bottom * canvas.size.height + 1);
    }
}

TEST(CaptionLayoutTest, StandsOnAPlateInTheSafeBoxInEveryScript)
{
    for (const Canvas& canvas : {k_screen, k_phone}) {
        for (const char* text : {"Two lines of words that say what is spoken here", "قهوة الصباح تبدأ من هنا كل يوم",
                                 "सुबह की कॉफ़ी यहाँ से शुरू होती है", "กาแฟยามเช้าเริ่มต้นที่นี่ทุกวัน",
                                 "朝のコーヒーは、ここから始まります。", "早晨的咖啡从这里开始"}) {
            const OverlayLayout layout = lay_out_caption(caption(text), canvas);
            expect_inside(layout, canvas);
            EXPECT_TRUE(layout.notes.empty()) << text << ": " << layout.notes.front();
            EXPECT_LE(layout.sprites.size(), 3U) << text << ": a plate and two lines";
            EXPECT_FALSE(layout.scrim) << "nothing flickers around it";
        }
    }
}

TEST(CaptionLayoutTest, StandsWhereItIsTold)
{
    Overlay overlay = caption("Here");
    EXPECT_NEAR(lay_out_caption(overlay, k_screen).sprites.front().ink.bottom, 648, 1);
    overlay.at = Place::upper;
    EXPECT_NEAR(lay_out_caption(overlay, k_screen).sprites.front().ink.top, 72, 1);
}

TEST(CaptionLayoutTest, EachWordHasItsPlateWhileItIsSpoken)
{
    const OverlayLayout layout =
        lay_out_caption(caption("One two three", {{"One", 0, 0.4}, {"two", 0.5, 0.9}, {"three", 0.9, 1.5}}), k_screen);
    ASSERT_EQ(layout.sprites.size(), 5U);
    const Sprite& line = layout.sprites[1];
    double at = line.ink.left;
    for (std::size_t i = 2; i < 5; ++i) {
        EXPECT_NEAR(layout.sprites[i].ink.left, at, 12) << "one beside the other";
        at = layout.sprites[i].ink.right;
    }
    EXPECT_NEAR(at, line.ink.right, 12);
    EXPECT_EQ(layout.sprites[2].part.from, 0);
    EXPECT_EQ(layout.sprites[2].part.to, 0.5) << "until the next one is spoken";
    EXPECT_EQ(layout.sprites[3].part.from, 0.5);
    EXPECT_GT(layout.sprites[4].part.to, 1000);
}

TEST(CaptionLayoutTest, WordsReadFromTheRightStandFromTheRight)
{
    const OverlayLayout layout =
        lay_out_caption(caption("قهوة الصباح هنا", {{"قهوة", 0, 1}, {"الصباح", 1, 2}, {"هنا", 2, 3}}), k_screen);
    ASSERT_EQ(layout.sprites.size(), 5U);
    EXPECT_NEAR(layout.sprites[2].ink.right, layout.sprites[1].ink.right, 12);
    EXPECT_LT(layout.sprites[3].ink.right, layout.sprites[2].ink.left + 12);
    EXPECT_LT(layout.sprites[4].ink.right, layout.sprites[3].ink.left + 12);
}

TEST(CaptionLayoutTest, MoreThanTwoLinesAreSaidAndMoreThanTheBoxRefused)
{
    std::string text;
    for (int i = 0; i < 24; ++i) {
        text += "several words ";
    }
    const OverlayLayout layout = lay_out_caption(caption(text), k_screen);
    ASSERT_EQ(layout.notes.size(), 1U);
    EXPECT_NE(layout.notes.front().find("two are read at a glance"), std::string::npos);
    for (int i = 0; i < 5; ++i) {
        text += text;
    }
    EXPECT_THROW(lay_out_caption(caption(text), k_screen), Error);
}

TEST(CaptionLayoutTest, APartIsThereInItsTimeOnly)
{
    const Overlay overlay = caption("One two");
    Part part;
    part.from = 0.5;
    part.to = 1;
    Overlay still = overlay;
    still.in = still.out = Motion::none;
    EXPECT_EQ(moment_of(still, part, 1, {0.4, 3}).opacity, 0);
    EXPECT_TRUE(moment_of(still, part, 1, {0.5, 3}).settled());
    EXPECT_EQ(moment_of(still, part, 1, {1, 3}).opacity, 0);
}

TEST(CaptionLayoutTest, ACurtainComesEvenlyOverAll)
{
    Overlay curtain;
    curtain.curtain = true;
    const OverlayLayout layout = lay_out(curtain, k_screen);
    ASSERT_TRUE(layout.scrim);
    EXPECT_EQ(layout.scrim->at(0), 1);
    EXPECT_EQ(layout.scrim->at(719), 1);
    EXPECT_NEAR(scrim_opacity(curtain, {0.1, 0.7}), 0.125, 1e-9);
}

} // namespace
} // namespace longtake::render
