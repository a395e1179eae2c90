#include "pipeline/av/speech/caption_markup.h"

#include <gtest/gtest.h>

namespace longtake::av {
namespace {

TEST(CaptionMarkupTest, AssLosesItsOverridesAndKeepsItsLines)
{
    EXPECT_EQ(caption_of_ass(R"({\an8\i1}Up\Nthere{\i0}\h now)", 0, 1).text, "Up\nthere now");
    EXPECT_EQ(caption_of_ass("a { that stays", 0, 1).text, "a { that stays") << "nothing closes it";
}

TEST(CaptionMarkupTest, KaraokeSyllablesFollowEachOther)
{
    const Caption caption = caption_of_ass(R"({\k50}One {\kf25}two {\K100}three)", 10, 12);
    EXPECT_EQ(caption.text, "One two three");
    ASSERT_EQ(caption.words.size(), 3U);
    EXPECT_EQ(caption.words[0], (TimedWord{"One", 10, 10.5}));
    EXPECT_EQ(caption.words[1], (TimedWord{"two", 10.5, 10.75}));
    EXPECT_EQ(caption.words[2], (TimedWord{"three", 10.75, 12}));
}

TEST(CaptionMarkupTest, WebVttTagsGoAndTimestampsStay)
{
    const Caption caption =
        caption_of_webvtt("<v Ann><c.loud>Hi</c> <00:01.500>there &amp; <01:00:02.000>you</v>", 1, 4000);
    EXPECT_EQ(caption.text, "Hi there & you");
    ASSERT_EQ(caption.words.size(), 3U);
    EXPECT_EQ(caption.words[0], (TimedWord{"Hi", 1, 1.5}));
    EXPECT_EQ(caption.words[1], (TimedWord{"there &", 1.5, 3602}));
    EXPECT_TRUE(caption_of_webvtt("no <b>times</b>", 0, 1).words.empty());
}

TEST(CaptionMarkupTest, ReferencesBecomeLettersAndALoneAmpersandStays)
{
    EXPECT_EQ(caption_of_webvtt("R&D &lt;3 &copy;", 0, 1).text, "R&D <3 &copy;");
}

TEST(CaptionMarkupTest, StylesAndRegionsAreLeftOutAndCuesOfSuchNamesAreNot)
{
    EXPECT_EQ(webvtt_without_styles("WEBVTT\r\n\r\nSTYLE\r\n::cue { }\r\n\r\nREGION\r\nid:a\r\n\r\n1\r\n00:01.000 --> "
                                    "00:02.000\r\nSTYLE\r\nis all"),
              "WEBVTT\n\n\n\n1\n00:01.000 --> 00:02.000\nSTYLE\nis all\n");
}

TEST(CaptionMarkupTest, BlanksAreTidied)
{
    EXPECT_EQ(tidied("  a \t b \r\n\n  c \n"), "a b\nc");
    EXPECT_EQ(tidied(" \n "), "");
}

} // namespace
} // namespace longtake::av
