#include "pipeline/av/text/text.h"

#include "pipeline/av/text/fonts.h"
#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <set>

namespace longtake::av {
namespace {

constexpr Size k_size{640, 360};

struct Ink {
    int left = 1 << 30, top = 1 << 30, right = -1, bottom = -1;
    int pixels = 0;

    int width() const { return right - left + 1; }
    int height() const { return bottom - top + 1; }
};

/// Where the picture differs from its ground.
Ink ink_of(const Picture& picture, const Picture& ground)
{
    Ink ink;
    for (int y = 0; y < picture.size.height; ++y) {
        for (int x = 0; x < picture.size.width; ++x) {
            const auto at = 3 * (static_cast<std::size_t>(y) * picture.size.width + x);
            if (!std::equal(&picture.rgb[at], &picture.rgb[at] + 3, &ground.rgb[at])) {
                ink.left = std::min(ink.left, x);
                ink.right = std::max(ink.right, x);
                ink.top = std::min(ink.top, y);
                ink.bottom = std::max(ink.bottom, y);
                ++ink.pixels;
            }
        }
    }
    return ink;
}

Picture drawn(const std::string& text, const TextStyle& style = {}, Size size = k_size)
{
    Picture picture = plain_picture(size, "#20140c");
    draw_text(picture, text, style);
    return picture;
}

Ink ink(const std::string& text, const TextStyle& style = {}, Size size = k_size)
{
    return ink_of(drawn(text, style, size), plain_picture(size, "#20140c"));
}

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

std::vector<std::string> lines_of(const std::string& text, Size size = k_size, const TextStyle& style = {})
{
    return set_text(size, text, style).lines;
}

constexpr const char* k_thai = "ร้านกาแฟของเราเปิดให้บริการทุกวันตั้งแต่เช้าจนถึงเย็นขอเชิญทุกท่านมาลิ้มลองเครื่องดื่มร้อนและเย็น";
constexpr const char* k_chinese =
    "我们的咖啡店位于市中心，每天早上七点开门，提供「新鲜烘焙」的咖啡、手工面包和季节限定甜点（欢迎您）"
    "带上家人和朋友一起来品尝，周末还有现场音乐和免费试饮活动，期待您的光临。";
constexpr const char* k_japanese =
    "コーヒーショップは毎日営業しています。「新鮮な豆」を毎朝ていねいに焙煎し、焼きたてのパンと一緒に"
    "お届けします。ご家族やお友達と、ごゆっくりお過ごしください。";

std::string joined(const std::vector<std::string>& lines)
{
    std::string out;
    for (const std::string& line : lines) {
        out += line;
    }
    return out;
}

double full_size(Size size) // of what need not shrink
{
    return set_text(size, "a", {}).em;
}

TEST(SetText, EveryLineBreakBreaksALine)
{
    const std::vector<std::string> two{"Line one", "Line two"};
    for (const std::string separator : {"\n", "\r", "\r\n", "\x0B", "\x0C", "\u0085", "\u2028", "\u2029"}) {
        EXPECT_EQ(lines_of("Line one" + separator + "Line two"), two) << separator.size();
        EXPECT_EQ(ink("Line one" + separator + "Line two").height(), ink("Line one\nLine two").height());
    }
    EXPECT_EQ(lines_of("a\r\n\r\nb"), (std::vector<std::string>{"a", "", "b"}));
    EXPECT_EQ(lines_of("a\n\rb").size(), 3U);
}

/// They would move a centred line to the left, and the text would shrink until they fit.
TEST(SetText, BlanksAtTheEndOfALineCountForNothing)
{
    const std::string blanks(80, ' ');
    const SetText set = set_text(k_size, "Line one" + blanks + "\nLine two\u3000\t", {});
    EXPECT_EQ(set.lines, (std::vector<std::string>{"Line one", "Line two"}));
    EXPECT_EQ(set.em, full_size(k_size));
    const Ink with = ink("Line one" + blanks + "\nLine two\u3000\t");
    const Ink without = ink("Line one\nLine two");
    EXPECT_EQ(with.left, without.left);
    EXPECT_EQ(with.pixels, without.pixels);
}

TEST(SetText, ScriptsWithoutSpacesWrapAtFullSize)
{
    const Size upright{360, 640};
    for (const char* text : {k_thai, k_chinese, k_japanese}) {
        const SetText set = set_text(upright, text, {});
        EXPECT_GT(set.lines.size(), 3U) << text;
        EXPECT_NEAR(set.em, full_size(upright), 0.01) << text;
        EXPECT_EQ(joined(set.lines), text);
    }
}

TEST(SetText, ThaiBreaksBetweenWords)
{
    const std::string text = "ร้านกาแฟของเราเปิดให้บริการทุกวัน"; // ร้าน กาแฟ ของ เรา เปิด ให้ บริการ ทุก วัน
    std::set<std::size_t> words;
    std::size_t end = 0;
    for (const char* word : {"ร้าน", "กาแฟ", "ของ", "เรา", "เปิด", "ให้", "บริการ", "ทุก", "วัน"}) {
        words.insert(end += std::string(word).size());
    }
    ASSERT_EQ(end, text.size());
    for (const int width : {120, 160, 240}) {
        const auto lines = lines_of(text, {width, 640});
        EXPECT_GT(lines.size(), 1U);
        std::size_t at = 0;
        for (const std::string& line : lines) {
            EXPECT_TRUE(words.contains(at += line.size())) << line;
        }
    }
}

TEST(SetText, ChineseAndJapaneseKeepKinsoku)
{
    const std::vector<std::string> never_first{"，", "。", "、", "」", "）", "ー", "ょ", "っ"};
    const std::vector<std::string> never_last{"「", "（", "お", "ご"}; // the last two part an honorific from its noun
    int broken = 0;
    for (const char* text : {k_chinese, k_japanese}) {
        for (int width = 200; width <= 400; width += 8) {
            const auto lines = lines_of(text, {width, 900});
            ASSERT_EQ(joined(lines), text);
            for (std::size_t i = 0; i < lines.size(); ++i) {
                broken += i > 0 ? 1 : 0;
                for (const std::string& mark : never_first) {
                    EXPECT_FALSE(lines[i].starts_with(mark)) << lines[i];
                }
                for (const std::string& mark : never_last) {
                    EXPECT_FALSE(lines[i].ends_with(mark)) << lines[i];
                }
            }
        }
    }
    EXPECT_GT(broken, 200);
}

TEST(SetText, AnAddressEndsItsLinesAtItsMarks)
{
    const std::string address =
        "https://shop.example.com/landing/spring-sale-2026?utm_source=newsletter&utm_campaign=abcdefghij";
    const Size upright{360, 640};
    const SetText set = set_text(upright, address, {});

    EXPECT_GE(set.em, 0.6 * full_size(upright));
    ASSERT_GE(set.lines.size(), 3U);
    EXPECT_EQ(joined(set.lines), address); // and no hyphen is put in
    for (std::size_t i = 0; i + 1 < set.lines.size(); ++i) {
        EXPECT_NE(std::string("/?&=-._").find(set.lines[i].back()), std::string::npos) << set.lines[i];
        EXPECT_NE(set.lines[i], "https://");
    }
    EXPECT_EQ(lines_of("Go to example.com/a/b now", {1280, 720}).size(), 1U);
}

TEST(SetText, ALongWordIsBrokenOnlyBelowSixtyPercent)
{
    const Size upright{360, 640};
    const SetText once = set_text(upright, "Geschirrspülmaschinenreinigungstabs", {});
    EXPECT_EQ(once.lines.size(), 1U);
    EXPECT_GE(once.em, 0.6 * full_size(upright));
    EXPECT_LT(once.em, full_size(upright));

    const SetText twice = set_text(upright, "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz", {});
    EXPECT_GE(twice.lines.size(), 2U);
    EXPECT_GE(twice.em, 0.6 * full_size(upright));
    for (std::size_t i = 0; i + 1 < twice.lines.size(); ++i) {
        EXPECT_TRUE(twice.lines[i].ends_with("-")) << twice.lines[i];
    }
    EXPECT_EQ(joined(lines_of(std::string(200, '7'), upright)), std::string(200, '7')); // a number has no hyphens
}

TEST(SetText, ASoftHyphenIsSeenWhereALineEndsAtIt)
{
    const auto lines = lines_of("Donaudampfschiff\u00ADfahrtsgesellschaft", {360, 640});
    EXPECT_EQ(lines, (std::vector<std::string>{"Donaudampfschiff-", "fahrtsgesellschaft"}));
}

TEST(SetText, LinesAreOfEvenLength)
{
    const std::string text = "The morning belongs to those who make good coffee for us";
    const auto lines = lines_of(text);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_LT(std::abs(static_cast<int>(lines[0].size() - lines[1].size())), 10) << lines[0];
    const auto chinese = lines_of("一二三四五六七八九十一二三四五六七八九十一二三四五六", k_size); // 26; 22 fill a line
    ASSERT_EQ(chinese.size(), 2U);
    EXPECT_LE(std::max(chinese[0].size(), chinese[1].size()), 16U * 3);
}

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

TEST(SetText, WhatIsNoUtf8IsReplaced)
{
    EXPECT_EQ(lines_of("a\xFFz"), (std::vector<std::string>{"a\uFFFDz"}));
    EXPECT_EQ(lines_of(std::string("a\0\x01\tb", 5)), (std::vector<std::string>{"a    b"}));
    EXPECT_EQ(lines_of("\xED\xA0\x80").size(), 1U); // a surrogate
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

TEST(Fonts, BigScriptsAreLookedForByTheirLetters)
{
    EXPECT_EQ(big_scripts().size(), 11U);
    EXPECT_TRUE(font_has("Aa"));
    EXPECT_TRUE(font_has("กาแฟ"));
    EXPECT_FALSE(font_has("A\U0010FFF0"));
    EXPECT_EQ(family_for("Noto Sans"), "Noto Sans");
    EXPECT_NE(family_for("No Such Font"), "No Such Font");
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
