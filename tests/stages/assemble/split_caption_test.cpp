#include "stages/assemble/split_caption.h"

#include <gtest/gtest.h>

namespace longtake::stages {
namespace {

Style split_style()
{
    return load_style({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"}, "studio");
}

TEST(SplitCaptionTest, WhatFitsStaysAsItIs)
{
    const Caption caption{1, 3, "Short enough", {}};
    EXPECT_EQ(split_caption(caption, split_style(), 23), std::vector{caption});
}

TEST(SplitCaptionTest, SentencesComeApartFirstAndTimeIsSharedByLetters)
{
    const Caption caption{
        10, 20, "We roast every bean by hand. Then we let it rest for two days before it goes anywhere.", {}};
    const auto parts = split_caption(caption, split_style(), 14);
    ASSERT_GE(parts.size(), 2U);
    EXPECT_EQ(parts.front().text, "We roast every bean by hand.");
    EXPECT_EQ(parts.front().from, 10);
    EXPECT_NEAR(parts.front().to, 10 + 10 * 28.0 / 85, 0.1);
    EXPECT_EQ(parts.back().to, 20);
    for (std::size_t i = 1; i < parts.size(); ++i) {
        EXPECT_EQ(parts[i].from, parts[i - 1].to);
    }
}

TEST(SplitCaptionTest, TimesOfWordsWin)
{
    const Caption caption{
        0,
        9,
        "one two three four five six",
        {{"one", 0, 1}, {"two", 1, 2}, {"three", 2, 3}, {"four", 6, 7}, {"five", 7, 8}, {"six", 8, 9}}};
    const auto parts = split_caption(caption, split_style(), 4);
    ASSERT_GE(parts.size(), 2U);
    std::size_t words = 0;
    for (const Caption& part : parts) {
        ASSERT_FALSE(part.words.empty());
        EXPECT_EQ(part.from, part.words.front().from);
        words += part.words.size();
    }
    EXPECT_EQ(words, 6U);
}

TEST(SplitCaptionTest, ScriptsWithoutBlanksComeApartBetweenWords)
{
    const Caption caption{0, 8, "朝のコーヒーは、ここから始まります。豆は毎朝ここで焙煎され、すぐに届けられます。", {}};
    const auto parts = split_caption(caption, split_style(), 14);
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].text, "朝のコーヒーは、ここから始まります。");
}

TEST(SplitCaptionTest, ATranscriptFollowsWhatIsSpoken)
{
    const Caption caption = spoken_text("First words here. Second ones now.", {{1, 3}, {5, 7}});
    ASSERT_EQ(caption.words.size(), 6U);
    EXPECT_EQ(caption.from, 1);
    EXPECT_EQ(caption.to, 7);
    EXPECT_EQ(caption.words[0].from, 1);
    EXPECT_LE(caption.words[2].to, 3.2);
    EXPECT_GE(caption.words[3].from, 3) << "nothing is read in the pause";
    EXPECT_NEAR(caption.words.back().to, 7, 0.2);
}

} // namespace
} // namespace longtake::stages
