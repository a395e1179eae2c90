#include "pipeline/interchange/edit.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake::interchange {
namespace {

std::string edl_complaint(const std::string& edl)
{
    try {
        read_edl(edl, {30, 1});
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(ReadEdlTest, EventsAreReadInTheOrderOfTheFilm)
{
    const auto clips = read_edl("TITLE: CUT\r\nFCM: NON-DROP FRAME\r\n"
                                "002  CAT      V     C        00:00:01:00 00:00:02:00 01:00:03:00 01:00:04:00\r\n"
                                "* FROM CLIP NAME: cat \r\n"
                                "* SOURCE FILE: /t/cat 1.mp4\r\n"
                                "001  CUP      V     C        00:00:00:00 00:00:03:00 01:00:00:00 01:00:03:00\r\n"
                                "003  MUSIC    AA    C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\r\n"
                                "* FROM CLIP NAME: music\r\n",
                                {30, 1});
    ASSERT_EQ(clips.size(), 2U);
    EXPECT_EQ(clips[0].name, "CUP");
    EXPECT_EQ(clips[0].frames, 90);
    EXPECT_EQ(clips[1].name, "cat");
    EXPECT_EQ(clips[1].file, "/t/cat 1.mp4");
    EXPECT_EQ(clips[1].first, 30);
}

TEST(ReadEdlTest, DropFrameIsReadAsTheFileSays)
{
    const std::string event = "001  CUP      V     C        00:00:00:00 00:01:00:02 01:00:00:00 01:01:00:02\n";
    EXPECT_EQ(read_edl("FCM: DROP FRAME\n" + event, {30000, 1001}).front().frames, 1800);
    EXPECT_EQ(read_edl("FCM: NON-DROP FRAME\n" + event, {30000, 1001}).front().frames, 1802);
    EXPECT_EQ(read_edl(event, {30000, 1001}).front().frames, 1800) << "as the rate is usually counted";
}

TEST(ReadEdlTest, AWipeIsADissolveUnlessItSaysWhichOfOurs)
{
    const std::string first = "001  A V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n";
    const std::string from = "002  A V C 00:00:01:00 00:00:01:00 01:00:01:00 01:00:01:00\n";
    const std::string into = "002  B V W001 015 00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00\n";
    const std::string names = "* FROM CLIP NAME: a\n* TO CLIP NAME: b\n";
    auto clips = read_edl(first + from + into + names, {30, 1});
    ASSERT_EQ(clips.size(), 2U);
    EXPECT_EQ(clips[1].name, "b");
    EXPECT_EQ(clips[1].after, 15);
    EXPECT_EQ(clips[1].type, TransitionType::dissolve);
    clips = read_edl(first + from + into + names + "* EFFECT NAME: wipe_left\n", {30, 1});
    EXPECT_EQ(clips[1].type, TransitionType::wipe_left);
}

TEST(ReadEdlTest, WhatAFilmCannotBeCutByIsRefused)
{
    const std::string first = "001  A V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n";
    EXPECT_EQ(edl_complaint(first + "002  B V C 00:00:00:00 00:00:01:00 01:00:01:10 01:00:02:10\n"),
              "clip 2 'B' follows a gap; put the clips end to end");
    EXPECT_EQ(edl_complaint(first + "002  B V C 00:00:00:00 00:00:01:00 01:00:00:10 01:00:01:10\n"),
              "clip 2 'B' lies over the one before it; put the clips end to end");
    EXPECT_NE(edl_complaint("001  A V C 00:00:00:00 00:00:02:00 01:00:00:00 01:00:01:00\n").find("line 1: "),
              std::string::npos);
    EXPECT_NE(edl_complaint(first + "M2   A       048.0                00:00:00:00\n").find("another speed"),
              std::string::npos);
    EXPECT_NE(edl_complaint(first + "M2   A       000.0                00:00:00:00\n").find("stands still"),
              std::string::npos);
    EXPECT_NE(edl_complaint("001  A V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:61:00\n"), "");
    EXPECT_NE(edl_complaint(""), "");
}

} // namespace
} // namespace longtake::interchange
