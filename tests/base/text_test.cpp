#include "pipeline/base/text.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

TEST(TextTest, FindsTheNearestName)
{
    const std::vector<std::string> names = {"cut", "dissolve", "fade_black"};
    EXPECT_EQ(nearest_name("disolve", names), "dissolve");
    EXPECT_EQ(nearest_name("fadeblack", names), "fade_black");
    EXPECT_EQ(nearest_name("elephant", names), "");
}

TEST(TextTest, MakesFileNamesOfTitles)
{
    EXPECT_EQ(slug("Morning coffee!"), "morning-coffee");
    EXPECT_EQ(slug("  ..  "), "film");
    EXPECT_EQ(slug("Kaffee für alle"), "kaffee-für-alle");
}

TEST(TextTest, LeavesControlCharactersOutOfFileNames)
{
    EXPECT_EQ(slug("a\x1b[2Jb\u202Egpm.4\u2028c\u009Bd"), "a-2jb-gpm-4-c-d");
}

TEST(TextTest, TakesDecimalNumbersOnly)
{
    EXPECT_EQ(decimal_number("12.50"), 12.5);
    EXPECT_EQ(decimal_number("-3"), -3);
    EXPECT_EQ(decimal_number("1e3"), 1000);
    for (const char* text : {"", " ", "nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e999", "0x10", "0x1p3",
                             "1,5", "5 ", " 5", "5s", "$5", "+5", "--5", "."}) {
        EXPECT_FALSE(decimal_number(text)) << text;
    }
}

TEST(TextTest, ShowsWhatWouldSteerATerminal)
{
    EXPECT_EQ(visible("a\x1b[2Jb\r\x07\x7f", Lines::one), "a\\u001b[2Jb\\u000d\\u0007\\u007f");
    EXPECT_EQ(visible("one\ttwo\nthree", Lines::several), "one\ttwo\nthree");
    EXPECT_EQ(visible("one\ntwo", Lines::one), "one\\u000atwo");
    EXPECT_EQ(visible("\u202Eexe\u2066x\u2069\u200F\u2028\u2029\u009B", Lines::several),
              "\\u202eexe\\u2066x\\u2069\\u200f\\u2028\\u2029\\u009b");
    EXPECT_EQ(visible("caf\u00e9 \u5496\u5561 \U0001F469\u200D\U0001F680", Lines::one),
              "caf\u00e9 \u5496\u5561 \U0001F469\u200D\U0001F680");
    EXPECT_EQ(visible("cut \xe5\x92 \x9b", Lines::one), "cut \xe5\\u0092 \\u009b") << "not UTF-8: C1 all the same";
    EXPECT_EQ(visible(std::string("a\0b", 3), Lines::one), "a\\u0000b");
}

TEST(TextTest, CutsBetweenLetters)
{
    EXPECT_EQ(cut_between_letters("short", 10), "short");
    EXPECT_EQ(cut_between_letters("abcdef", 3), "abc");
    EXPECT_EQ(cut_between_letters("\u5496\u5561", 5), "\u5496");
    EXPECT_EQ(cut_between_letters("ae\u0301x", 3), "a") << "an accent stays with its letter";
    EXPECT_EQ(cut_between_letters("a\U0001F469\u200D\U0001F680x", 9), "a") << "an astronaut is one";
    EXPECT_EQ(cut_between_letters("\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 12), "\U0001F1E9\U0001F1EA");
    EXPECT_EQ(cut_between_letters("", 4), "");
}

TEST(TextTest, NamesWhatIsKnown)
{
    EXPECT_EQ(unknown_name("fit", "blurr", {"blur", "pad"}),
              "unknown fit 'blurr'; did you mean 'blur'? known: blur, pad");
}

} // namespace
} // namespace longtake
