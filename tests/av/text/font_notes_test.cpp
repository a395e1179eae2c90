#include "pipeline/av/text/text.h"

#include "pipeline/av/text/fonts.h"
#include "tests/av/text/drawn.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

using namespace test;

TEST(SetText, LettersTooSmallToReadAreNoted)
{
    std::string text;
    while (set_text(k_size, text, {}).em / k_size.height > k_legible) {
        text += "and then another cup of the same coffee ";
    }
    const auto notes = set_text(k_size, text, {}).notes;
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes[0].find("below 2.2 % it is hard to read"), std::string::npos) << notes[0];
    EXPECT_GT(ink(text).height(), 200);
    EXPECT_TRUE(set_text(k_size, "Open every day", {}).notes.empty());
}

TEST(SetText, AFontThatIsNotInstalledIsNamed)
{
    TextStyle style;
    style.font = "Brand Grotesk Pro";
    const auto notes = set_text(k_size, "Grand opening", style).notes;
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_TRUE(notes[0].starts_with("the font 'Brand Grotesk Pro' is not installed; ")) << notes[0];
    style.font = "Brand Grotesk Pro, DejaVu Sans";
    EXPECT_TRUE(set_text(k_size, "Grand opening", style).notes[0].ends_with("; DejaVu Sans is used instead"));
    for (const char* font :
         {"Noto Sans", "Noto Sans, Nothing", "noto sans", "DejaVu Sans", "sans-serif", "Monospace"}) {
        style.font = font;
        EXPECT_TRUE(set_text(k_size, "Grand opening", style).notes.empty()) << font;
    }
}

TEST(SetText, AWordFromTwoFontsIsNamed)
{
    TextStyle style;
    style.font = "Noto Sans Symbols"; // has Latin letters, but not all of Polish
    const auto mixed = set_text(k_size, "Tania żółw", style).notes;
    ASSERT_EQ(mixed.size(), 1U);
    EXPECT_TRUE(mixed[0].starts_with("the word 'żółw' is set from 2 fonts: ")) << mixed[0];
    EXPECT_TRUE(set_text(k_size, "iPhone手机 and ไทย 2026", {}).notes.empty());
}

TEST(SetText, MissingLettersAreCountedAndTheirPackageNamed)
{
    const auto one = set_text(k_size, "a\U0010FFF0b\U0010FFF1\U0010FFF0", {}).notes;
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0], "no installed font has the letters U+10FFF0, U+10FFF1: drawn as boxes");
    EXPECT_EQ(package_for(U'🎉'), "fonts-noto-color-emoji");
    EXPECT_EQ(package_for(U'咖'), "fonts-noto-cjk");
    EXPECT_EQ(package_for(U'ก'), "fonts-noto-core");
    EXPECT_EQ(package_for(U'\U0010FFF0'), "");
}

} // namespace
} // namespace longtake::av
