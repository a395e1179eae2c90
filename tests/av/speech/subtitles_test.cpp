#include "pipeline/av/speech/subtitles.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace longtake::av {
namespace {

using ::testing::HasSubstr;

class SubtitlesTest : public ::testing::Test {
protected:
    std::vector<Caption> read(const std::string& name, const std::string& text)
    {
        write_atomic(dir_ / name, text);
        return read_captions(dir_ / name);
    }

    std::string complaint(const std::string& name, const std::string& text)
    {
        try {
            read(name, text);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::input);
            return error.what();
        }
        return "none";
    }

    test::TempDir dir_;
};

TEST_F(SubtitlesTest, SubRipAsItComesFromEditors)
{
    const auto captions = read("a.srt", "\xef\xbb\xbf"
                                        "2\r\n00:00:03,000 --> 00:00:04,500\r\n<i>Second</i> line\r\nof two\r\n\r\n"
                                        "1\r\n00:00:01,000 --> 00:00:02,250\r\n{\\an8}Größe &amp; Form\r\n");
    ASSERT_EQ(captions.size(), 2U);
    EXPECT_EQ(captions[0], (Caption{1, 2.25, "Größe & Form", {}}));
    EXPECT_EQ(captions[1], (Caption{3, 4.5, "Second line\nof two", {}}));
}

TEST_F(SubtitlesTest, WebVttWithNotesSettingsAndTimesOfWords)
{
    const auto captions =
        read("a.vtt", "WEBVTT\n\nNOTE not shown\n\nSTYLE\n::cue { color: red }\n\n"
                      "intro\n00:01.000 --> 00:03.000 align:start position:10%\nOne <00:02.000>two\n");
    ASSERT_EQ(captions.size(), 1U);
    EXPECT_EQ(captions[0], (Caption{1, 3, "One two", {{"One", 1, 2}, {"two", 2, 3}}}));
}

TEST_F(SubtitlesTest, AssWithCommasAndKaraoke)
{
    const auto captions = read(
        "a.ass", "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n"
                 "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
                 "Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,Yes, {\\b1}of course\\Nnot\n"
                 "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\k30}La {\\k70}la\n");
    ASSERT_EQ(captions.size(), 2U);
    EXPECT_EQ(captions[0].words.size(), 2U);
    EXPECT_EQ(captions[1], (Caption{5, 6, "Yes, of course\nnot", {}}));
}

TEST_F(SubtitlesTest, WhatWhisperWrites)
{
    const auto captions = read("a.json", R"({"text": "all", "segments": [
        {"id": 0, "start": 0.5, "end": 2.0, "text": " Hello there.",
         "words": [{"word": " Hello", "start": 0.5, "end": 0.9}, {"word": " there.", "start": 0.9, "end": 1.4}]},
        {"id": 1, "start": 2.0, "end": 2.0, "text": "nothing"}]})");
    ASSERT_EQ(captions.size(), 1U) << "what lasts no time is left out";
    EXPECT_EQ(captions[0], (Caption{0.5, 2, "Hello there.", {{"Hello", 0.5, 0.9}, {"there.", 0.9, 1.4}}}));
}

TEST_F(SubtitlesTest, Utf16IsReadByItsMark)
{
    const std::string text = "1\n00:00:01,000 --> 00:00:02,000\nZwölf\n";
    std::string bytes = "\xff\xfe";
    for (const char16_t c : std::u16string(u"1\n00:00:01,000 --> 00:00:02,000\nZwölf\n")) {
        bytes += {static_cast<char>(c & 0xff), static_cast<char>(c >> 8)};
    }
    EXPECT_EQ(read("a.srt", bytes), read("b.srt", text));
}

TEST_F(SubtitlesTest, WhatIsNoneIsSaid)
{
    EXPECT_THAT(complaint("a.srt", "Gr\xfc\xdf"
                                   "e\n"),
                HasSubstr("a.srt: its letters are not UTF-8; save it"));
    EXPECT_THAT(complaint("a.srt", "just words\n"), HasSubstr("holds no captions"));
    EXPECT_THAT(complaint("a.srt", ""), HasSubstr("holds no captions"));
    EXPECT_THAT(complaint("a.txt", "words"), HasSubstr("captions are SRT, WebVTT, ASS or Whisper's JSON"));
    EXPECT_THAT(complaint("a.json", "{\"cues\": []}"), HasSubstr("is not the JSON that Whisper writes"));
    EXPECT_THAT(complaint("a.vtt", std::string(9'000'000, 'x')), HasSubstr("larger than 8 MB"));
    EXPECT_THROW(read_captions(dir_ / "missing.srt"), Error);
}

} // namespace
} // namespace longtake::av
