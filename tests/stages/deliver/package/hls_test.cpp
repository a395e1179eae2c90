#include "stages/deliver/package/hls.h"

#include "tests/stages/deliver/package/contents.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace longtake::stages {
namespace {

std::string playlist(const std::vector<Manifest>& playlists, const std::string& file)
{
    const auto found = std::ranges::find(playlists, file, &Manifest::file);
    return found == playlists.end() ? "missing " + file : found->text;
}

bool says(const std::string& text, const std::string& line)
{
    return text.find(line + "\n") != std::string::npos;
}

TEST(HlsTest, TheFirstPlaylistNamesEverything)
{
    const auto playlists = hls_playlists(test::stream_contents());
    EXPECT_EQ(playlists.front().file, "master.m3u8");
    const std::string& master = playlists.front().text;
    // the peak is of the first segment, 6 s of 1.8 MB and of 96 kB of sound; the average of all
    EXPECT_TRUE(says(master,
                     "#EXT-X-STREAM-INF:BANDWIDTH=2528000,AVERAGE-BANDWIDTH=2528000,CODECS=\"avc1.64001f,mp4a.40.2\","
                     "RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO=\"sound\",SUBTITLES=\"captions\","
                     "CLOSED-CAPTIONS=NONE\n720p.m3u8"))
        << master;
    EXPECT_TRUE(says(master, "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1200400,CODECS=\"avc1.64001f\",RESOLUTION=1280x720,"
                             "VIDEO-RANGE=SDR,URI=\"720p-keyframes.m3u8\""))
        << master;
    EXPECT_TRUE(says(master, "#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.title\",VALUE=\"Tea & 'cake'\"")) << master;
    EXPECT_NE(master.find("LANGUAGE=\"en\""), std::string::npos);
    EXPECT_NE(master.find("#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=20000,RESOLUTION=160x90"), std::string::npos);
    EXPECT_LT(master.find("720p.m3u8"), master.find("360p.m3u8")) << "players begin with the size nearest to 2 Mb/s";
    for (const Manifest& named : playlists) {
        EXPECT_TRUE(named.file == "master.m3u8" || master.find(named.file) != std::string::npos) << named.file;
    }
}

TEST(HlsTest, SegmentsAreRangesOfOneFile)
{
    const std::string text = playlist(hls_playlists(test::stream_contents()), "360p.m3u8");
    EXPECT_TRUE(says(text, "#EXT-X-TARGETDURATION:6"));
    EXPECT_TRUE(says(text, "#EXT-X-MAP:URI=\"360p.mp4\",BYTERANGE=\"800@0\""));
    EXPECT_TRUE(says(text, "#EXTINF:6.000000,\n#EXT-X-BYTERANGE:300000@856\n360p.mp4"));
    EXPECT_TRUE(says(text, "#EXTINF:2.000000,\n#EXT-X-BYTERANGE:100000@300856\n360p.mp4\n#EXT-X-ENDLIST"));
}

TEST(HlsTest, KeyframesAreReadWithoutTheRest)
{
    const std::string text = playlist(hls_playlists(test::stream_contents()), "360p-keyframes.m3u8");
    EXPECT_TRUE(says(text, "#EXT-X-I-FRAMES-ONLY"));
    EXPECT_TRUE(says(text, "#EXTINF:2.000000,\n#EXT-X-BYTERANGE:50100@856\n360p.mp4")) << text;
}

TEST(HlsTest, SmallPicturesSayWhatIsOnEverySheet)
{
    const std::string text = playlist(hls_playlists(test::stream_contents()), "thumbnails.m3u8");
    EXPECT_TRUE(
        says(text, "#EXTINF:4.000000,\n#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=2x1,DURATION=2.000000\nthumbnails-2.jpg"))
        << text;
}

TEST(HlsTest, WhatIsNotThereIsNotNamed)
{
    StreamContents contents = test::stream_contents();
    contents.sound.reset();
    contents.captions.reset();
    contents.thumbnails.reset();
    contents.chapters.clear();
    const auto playlists = hls_playlists(contents);
    EXPECT_EQ(playlists.size(), 5U) << "the first, and two of each size";
    for (const char* word : {"AUDIO", "mp4a", "SUBTITLES", "IMAGE", "chapters"}) {
        EXPECT_EQ(playlists.front().text.find(word), std::string::npos) << word;
    }
}

TEST(HlsTest, ChaptersAreWhatAppleReads)
{
    const auto chapters = nlohmann::json::parse(chapters_json(test::stream_contents()));
    ASSERT_EQ(chapters.size(), 2U);
    EXPECT_EQ(chapters[1]["chapter"], 2);
    EXPECT_EQ(chapters[1]["start-time"], 3.0);
    EXPECT_EQ(chapters[1]["titles"][0]["title"], "Cake");
}

} // namespace
} // namespace longtake::stages
