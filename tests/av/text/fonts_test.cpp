#include "pipeline/av/text/fonts.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

TEST(Fonts, BigScriptsAreLookedForByTheirLetters)
{
    EXPECT_EQ(big_scripts().size(), 11U);
    EXPECT_TRUE(font_has("Aa"));
    EXPECT_TRUE(font_has("กาแฟ"));
    EXPECT_FALSE(font_has("A\U0010FFF0"));
    EXPECT_EQ(family_for("Noto Sans"), "Noto Sans");
    EXPECT_NE(family_for("No Such Font"), "No Such Font");
}

} // namespace
} // namespace longtake::av
