#include "pipeline/render/text_colours.h"

#include "tests/render/styled.h"

#include <gtest/gtest.h>

namespace longtake::render {
namespace {

double contrast(const Rgb& a, const Rgb& b)
{
    return contrast_ratio(relative_luminance(a), relative_luminance(b));
}

TEST(TextColoursTest, EveryStyleCanBeReadOnItsGround)
{
    for (const char* name : {"studio", "editorial", "poster", "luxe", "terminal", "fresh"}) {
        const Style style = test::style(name);
        const TextColours colours = text_colours(style, true);
        const Rgb ground = *rgb_of(style.ground);
        EXPECT_GE(contrast(colours.ink, ground), 4.5) << name;
        EXPECT_GE(contrast(colours.muted, ground), 4.5) << name;
        EXPECT_GE(contrast(colours.accent, ground), 3) << name;
        EXPECT_GE(contrast(colours.on_accent, colours.accent), 4) << name;
        EXPECT_TRUE(colours.notes.empty()) << name;
    }
}

TEST(TextColoursTest, OverPicturesItIsBright)
{
    for (const char* name : {"studio", "editorial", "poster", "luxe", "terminal", "fresh"}) {
        const TextColours colours = text_colours(test::style(name), false);
        EXPECT_GE(relative_luminance(colours.ink), 0.7) << name;
        EXPECT_GE(contrast(colours.accent, {}), 9) << name;
    }
}

TEST(TextColoursTest, AnAccentThatIsNotSeenBecomesInk)
{
    const Style style = test::style(R"({"palette":{"ground":"#ffffff","ink":"#101010","accent":"#eeeeee"}})");
    EXPECT_EQ(text_colours(style, true).accent, (Rgb{16, 16, 16}));
}

} // namespace
} // namespace longtake::render
