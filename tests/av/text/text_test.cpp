#include "pipeline/av/text/text.h"

#include "pipeline/base/error.h"
#include "tests/av/text/drawn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <utility>

namespace longtake::av {
namespace {

using namespace test;

bool has_letters(const std::string& text)
{
    Picture picture = plain_picture(k_size, "#000000");
    return draw_text(picture, text, {}).empty();
}

TEST(Text, IsCentredInItsBox)
{
    const Ink box = ink("Open every day");

    EXPECT_NEAR((box.left + box.right) / 2.0, k_size.width / 2.0, 4);
    EXPECT_NEAR((box.top + box.bottom) / 2.0, k_size.height / 2.0, 8);
}

TEST(Text, HasTheColourAskedFor)
{
    TextStyle style;
    style.colour = "#f08020";
    style.height = 0.5;
    const Picture picture = drawn("I", style);

    const std::vector<std::uint8_t> wanted{0xF0, 0x80, 0x20};
    const auto found = std::search(picture.rgb.begin(), picture.rgb.end(), wanted.begin(), wanted.end());
    EXPECT_NE(found, picture.rgb.end());
}

TEST(Text, LineHeightFollowsTheShorterSide)
{
    const Ink small = ink("H", {}, {640, 360});
    const Ink large = ink("H", {}, {720, 1280});

    EXPECT_NEAR(large.height() / static_cast<double>(small.height()), 2.0, 0.2);
}

TEST(Text, LineBreaksAreKept)
{
    const Ink one = ink("Hop");
    const Ink two = ink("Hop\nHop");
    const Ink gap = ink("Hop\n\nHop");

    EXPECT_EQ(one.width(), two.width());
    EXPECT_NEAR(two.pixels, 2 * one.pixels, 0.1 * one.pixels); // placed between pixels, each line in its own way
    EXPECT_NEAR(gap.height() - two.height(), two.height() - one.height(), 2); // an empty line is a line
}

TEST(Text, LongTextWrapsAndStaysInItsBox)
{
    std::string text;
    for (int i = 0; i < 40; ++i) {
        text += "morning coffee and a cat ";
    }
    TextStyle style;
    style.left = 0.3;
    style.right = 0.6;
    style.top = 0.5;
    style.bottom = 0.9;

    const Ink box = ink(text, style);

    EXPECT_GE(box.left, 192);
    EXPECT_LT(box.right, 384);
    EXPECT_GE(box.top, 180);
    EXPECT_LT(box.bottom, 324);
    EXPECT_GT(box.height(), 100); // and makes use of it
}

TEST(Text, ALongWordShrinksUntilItFits)
{
    const Ink box = ink("Donaudampfschifffahrtsgesellschaftskapitänsmützen");

    EXPECT_GE(box.left, 64);
    EXPECT_LT(box.right, 576);
    EXPECT_GT(box.width(), 500);
}

TEST(Text, TextThatCannotFitIsRefused)
{
    std::string text;
    for (int i = 0; i < 4000; ++i) {
        text += "far too much ";
    }
    try {
        drawn(text);
        FAIL() << "should have thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("too long"), std::string::npos);
    }
}

TEST(Text, BracesAreShownNotObeyed)
{
    const Ink plain = ink("big");
    const Ink braced = ink("{\\fs200}big");
    const Ink hidden = ink("{\\alpha&HFF&}");

    EXPECT_GT(braced.width(), 2 * plain.width());
    EXPECT_LT(braced.height(), 2 * plain.height());
    EXPECT_GT(hidden.pixels, 0);
}

TEST(Text, BackslashesAreShownNotObeyed)
{
    const Ink path = ink("C:\\New\\hop");
    const Ink line = ink("C:/New/hop");
    const Ink before_brace = ink("\\{\\b1}");

    EXPECT_EQ(path.height(), line.height()); // \N broke no line
    EXPECT_NEAR(path.width(), line.width(), 4);
    EXPECT_GT(before_brace.width(), ink("\\{b1}").width()); // each of the five characters and both backslashes
}

TEST(Text, ArabicIsJoined)
{
    if (!has_letters("سلام")) {
        GTEST_SKIP() << "no Arabic font";
    }
    const Ink joined = ink("سلام");
    const Ink isolated = ink("س\u200Cل\u200Cا\u200Cم"); // zero-width non-joiners between the letters

    EXPECT_NE(joined.width(), isolated.width());
    EXPECT_LT(joined.width(), isolated.width());
}

/// Ink in the left and in the right half of what was drawn.
std::pair<int, int> halves(const Picture& picture)
{
    const Picture ground = plain_picture(picture.size, "#20140c");
    const Ink all = ink_of(picture, ground);
    std::pair<int, int> sides;
    for (int y = all.top; y <= all.bottom; ++y) {
        for (int x = all.left; x <= all.right; ++x) {
            const auto at = 3 * (static_cast<std::size_t>(y) * picture.size.width + x);
            if (picture.rgb[at] != ground.rgb[at]) {
                ++(x < (all.left + all.right) / 2 ? sides.first : sides.second);
            }
        }
    }
    return sides;
}

TEST(Text, ArabicRunsToTheLeft)
{
    if (!has_letters("ششش ...")) {
        GTEST_SKIP() << "no Arabic font";
    }
    const auto [left, right] = halves(drawn("ششششششش . . . . . . ."));

    EXPECT_GT(right, 2 * left); // the first letters stand on the right, the full stops after them on the left
}

TEST(Text, DevanagariVowelSignsMoveBeforeTheirConsonant)
{
    if (!has_letters("दिन")) {
        GTEST_SKIP() << "no Devanagari font";
    }
    // The sign I is written after the consonant but drawn before it: shaped text is no sum of its letters.
    const Picture shaped = drawn("कि");
    const Picture plain = drawn("क\u200C\u0020ि");

    EXPECT_NE(shaped.rgb, plain.rgb);
    EXPECT_GT(ink("कि").width(), ink("क").width());
}

TEST(Text, ChineseIsDrawnWhereAFontHasIt)
{
    if (!has_letters("每天开放")) {
        GTEST_SKIP() << "no Chinese font";
    }
    EXPECT_GT(ink("每天开放").width(), 3 * ink("每").width());
}

TEST(Text, LettersWithoutAFontAreReported)
{
    Picture picture = plain_picture(k_size, "#000000");
    const auto notes = draw_text(picture, "a\U0010FFF0b", {}); // a private-use letter no font has

    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes[0].find("U+10FFF0"), std::string::npos);
}

TEST(Text, EmojiControlsAndBrokenUtf8DoNoHarm)
{
    for (const std::string text : {"coffee \u2615 \U0001F680 \U0001F469\u200D\U0001F680", "a\x01\x02\r\nb\tc",
                                   "a\xFF\xC3(z", "\xE2\x82", "\xF4\x90\x80\x80"}) {
        EXPECT_GT(ink(text).pixels, 0) << text;
    }
}

TEST(Text, NothingToSayDrawsNothing)
{
    EXPECT_EQ(ink("").pixels, 0);
    EXPECT_EQ(ink("  \n ").pixels, 0);
}

TEST(SetText, AParagraphThatIsBrokenKeepsItsDirection)
{
    // The full stop of an Arabic paragraph stands on the left, on a line of Latin letters of it as well.
    const std::string text = "مفتوح كل يوم\u2028ABCDEFGH .";
    const Picture picture = drawn(text);
    const Ink all = ink_of(picture, plain_picture(k_size, "#20140c"));
    const Picture latin = drawn("ABCDEFGH .");
    int left = 0;
    for (int x = all.left; x < all.right; ++x) { // the lowest ink's columns: is the first narrow and apart?
        const auto at = 3 * (static_cast<std::size_t>(all.bottom - 1) * k_size.width + x);
        left = left == 0 && picture.rgb[at] != 0x20 ? x : left;
    }
    EXPECT_EQ(lines_of(text).size(), 2U);
    EXPECT_NE(picture.rgb, latin.rgb);
    EXPECT_LT(left, k_size.width / 2);
}

TEST(SetText, SeveralThreadsSetTheSame)
{
    const SetText alone = set_text({360, 640}, k_japanese, {});
    std::vector<std::future<SetText>> others;
    for (int i = 0; i < 4; ++i) {
        others.push_back(std::async(std::launch::async, [&] { return set_text({360, 640}, k_japanese, {}); }));
    }
    for (auto& other : others) {
        const SetText set = other.get();
        EXPECT_EQ(set.lines, alone.lines);
        EXPECT_EQ(set.em, alone.em);
    }
}

TEST(Text, BadColoursAndBoxesAreUsageErrors)
{
    const auto code = [](const TextStyle& style) {
        try {
            drawn("x", style);
        } catch (const Error& error) {
            return error.code();
        }
        return Errc::internal;
    };
    TextStyle colour;
    colour.colour = "white";
    TextStyle box;
    box.left = 0.9;
    box.right = 0.1;

    EXPECT_EQ(code(colour), Errc::usage);
    EXPECT_EQ(code(box), Errc::usage);
    EXPECT_THROW(plain_picture(k_size, "#12345"), Error);
}

} // namespace
} // namespace longtake::av
