#include "pipeline/model/speech/caption.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

TEST(CaptionTest, SubRipCountsAndWritesMilliseconds)
{
    EXPECT_EQ(srt_text({{0.5, 2, "One\n\ntwo", {}}, {3661.0004, 3662.25, "Three", {}}}),
              "1\n00:00:00,500 --> 00:00:02,000\nOne\ntwo\n\n"
              "2\n01:01:01,000 --> 01:01:02,250\nThree\n\n")
        << "a blank line would end the caption";
}

TEST(CaptionTest, WebVttHasNoMarkupButTheTimesOfWords)
{
    EXPECT_EQ(webvtt_text({{0, 2, "Salt & <pepper>", {}}}),
              "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nSalt &amp; &lt;pepper&gt;\n\n");
    EXPECT_EQ(webvtt_text({{1, 3, "Hello, my world", {{"Hello,", 1, 1.5}, {"my", 1.5, 2}, {"world", 2, 3}}}}),
              "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nHello, <00:00:01.500>my <00:00:02.000>world\n\n");
}

TEST(CaptionTest, ReadingSpeedCountsLettersNotBytes)
{
    EXPECT_DOUBLE_EQ(reading_speed({0, 2, "zwölf\nÄpfel", {}}), 5);
}

TEST(CaptionTest, ATextIsReadAtTheSpeedOfItsScript)
{
    EXPECT_NEAR(reading_seconds("Fifteen letters"), 1, 1e-9);
    EXPECT_NEAR(reading_seconds("F\u00fcnfzehn\nZeichen"), 1, 1e-9) << "letters, not bytes; breaks are not read";
    EXPECT_NEAR(reading_seconds("\u65e9\u5b89\u65e9\u5b89\u65e9\u5b89\u65e9\u5b89\u3002"), 1, 1e-9);
    EXPECT_NEAR(reading_seconds("\u65e9\u5b89 ABC"), 2 / 9.0 + 4 / 15.0, 1e-9);
    EXPECT_EQ(reading_seconds(""), 0);
}

TEST(CaptionTest, ReadBackTheyAreTheSame)
{
    const Captions captions{
        {{0, 1, "a", {{"a", 0, 1}}}, {1, 2, "b", {}}}, {CaptionForm::soft, CaptionForm::side_car}, "pt-BR"};
    const auto again = nlohmann::json(captions).get<Captions>();
    EXPECT_EQ(again.list, captions.list);
    EXPECT_EQ(again.as, captions.as);
    EXPECT_EQ(again.language, "pt-BR");
    EXPECT_TRUE(again.has(CaptionForm::soft));
    EXPECT_FALSE(again.has(CaptionForm::burned));
}

} // namespace
} // namespace longtake
