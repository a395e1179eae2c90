#include "pipeline/av/text/text.h"

#include "tests/av/text/drawn.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

namespace longtake::av {
namespace {

using namespace test;

constexpr const char* k_thai = "ร้านกาแฟของเราเปิดให้บริการทุกวันตั้งแต่เช้าจนถึงเย็นขอเชิญทุกท่านมาลิ้มลองเครื่องดื่มร้อนและเย็น";
constexpr const char* k_chinese =
    "我们的咖啡店位于市中心，每天早上七点开门，提供「新鲜烘焙」的咖啡、手工面包和季节限定甜点（欢迎您）"
    "带上家人和朋友一起来品尝，周末还有现场音乐和免费试饮活动，期待您的光临。";

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

TEST(SetText, WhatIsNoUtf8IsReplaced)
{
    EXPECT_EQ(lines_of("a\xFFz"), (std::vector<std::string>{"a\uFFFDz"}));
    EXPECT_EQ(lines_of(std::string("a\0\x01\tb", 5)), (std::vector<std::string>{"a    b"}));
    EXPECT_EQ(lines_of("\xED\xA0\x80").size(), 1U); // a surrogate
}

} // namespace
} // namespace longtake::av
