#include "pipeline/av/clip/clip_facts.h"
#include "pipeline/av/probe.h"

#include "pipeline/av/clip/video_reader.h"
#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/playlists.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

namespace longtake::av {
namespace {

class AcceptedTest : public ::testing::Test {
protected:
    AcceptedTest()
    {
        test::write_counting_clip(dir_ / "secret.mp4");
        test::ffmpeg("-i '" + (dir_ / "secret.mp4").string() + "' -c copy '" + (dir_ / "secret.ts").string() + "'");
    }

    static std::string refusal(const std::function<void()>& open)
    {
        try {
            open();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::input) << error.what();
            return error.what();
        }
        return "";
    }

    static std::string refusal_of(const std::filesystem::path& file)
    {
        return refusal([&] { probe(file); });
    }

    static bool says(const std::string& text, const std::string& words)
    {
        return text.find(words) != std::string::npos;
    }

    test::TempDir dir_;
};

TEST_F(AcceptedTest, WhatOpensOtherFilesIsRefusedWhateverItsName)
{
    for (const std::string& secret : {std::string("secret.ts"), (dir_ / "secret.ts").string(),
                                      "file:" + (dir_ / "secret.ts").string(), (dir_ / "secret.mp4").string()}) {
        for (const test::Playlist& list : test::playlists_of(secret)) {
            for (const char* name : {"list.mp4", "list.mov", "list.txt", "list.m3u8", "list"}) {
                const auto file = dir_ / name;
                std::ofstream(file) << list.text;
                const std::string reason = refusal_of(file);
                EXPECT_TRUE(says(reason, name)) << list.kind << ": " << reason;
                EXPECT_TRUE(says(reason, ": is a playlist that opens other files, not a film ("))
                    << list.kind << ": " << reason;
                EXPECT_TRUE(says(refusal([&] { probe_take(file); }), "is a playlist that opens other files"))
                    << list.kind;
                EXPECT_NE(refusal([&] { clip_facts(file); }), "") << list.kind;
                EXPECT_NE(refusal([&] { VideoReader reader(file); }), "") << list.kind;
            }
        }
    }
}

TEST_F(AcceptedTest, AMovieWithItsPicturesInAnotherFileIsRefused)
{
    test::ffmpeg("-i '" + (dir_ / "secret.mp4").string() + "' -c copy '" + (dir_ / "whole.mov").string() + "'");
    for (const std::size_t levels : {0, 1, 2}) {
        for (const std::string& other : {std::string("/secret.mp4"), (dir_ / "secret.mp4").string()}) {
            const auto file = dir_ / "reference.mov";
            test::write_reference_movie(dir_ / "whole.mov", other, file, levels);
            const std::string reason = refusal_of(file);
            EXPECT_TRUE(says(reason, "has its pictures or sound in other files, which are not opened"))
                << levels << ": " << other << ": " << reason;
            EXPECT_NE(refusal([&] { probe_take(file); }), "");
        }
    }
}

TEST_F(AcceptedTest, TakesAreOfFewerKinds)
{
    const std::string secret = (dir_ / "secret.mp4").string();
    for (const char* name : {"take.mov", "take.mkv", "take.ts", "take.avi", "take.nut"}) {
        test::ffmpeg("-i '" + secret + "' -c copy '" + (dir_ / name).string() + "'");
        EXPECT_EQ(refusal_of(dir_ / name), "") << name;
        const bool taken = std::string(name).find(".m") != std::string::npos;
        const std::string reason = refusal([&] { probe_take(dir_ / name); });
        EXPECT_EQ(reason.empty(), taken) << name << ": " << reason;
        EXPECT_TRUE(taken || says(reason, ": is no MP4, MOV, Matroska or WebM, which footage comes in, but "))
            << reason;
    }
    test::ffmpeg("-i '" + secret + "' -c:v libvpx -frames:v 3 '" + (dir_ / "take.webm").string() + "'");
    EXPECT_EQ(refusal([&] { probe_take(dir_ / "take.webm"); }), "");
}

TEST_F(AcceptedTest, ANameIsOnlyAName)
{
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(dir_.path());
    for (const char* name : {"take%03d.mp4", "a:b.mp4", "http:x.mp4", "concat:secret.mp4|secret.mp4", "file:x.mp4",
                             "pipe:0", "take*.mp4", "take[1].mp4", "crypto:x.mp4", "-i.mp4"}) {
        std::filesystem::copy("secret.mp4", name);
        EXPECT_EQ(refusal_of(name), "") << name;
        std::filesystem::remove(name);
    }
    for (const char* name : {"concat:secret.mp4", "data:video/mp4;base64,", "subfile,,start,0,end,0,,:secret.mp4"}) {
        EXPECT_TRUE(says(refusal_of(name), "No such file or directory")) << refusal_of(name);
    }
    std::filesystem::current_path(before);
}

TEST_F(AcceptedTest, APictureIsReadWhateverItsName)
{
    test::ffmpeg("-f lavfi -i testsrc2=s=64x48 -frames:v 1 '" + (dir_ / "p.png").string() + "'");
    for (const char* name : {"p%03d.png", "p*.jpg", "p"}) {
        std::filesystem::copy(dir_ / "p.png", dir_ / name);
        EXPECT_EQ(refusal_of(dir_ / name), "") << name;
        EXPECT_TRUE(says(refusal([&] { clip_facts(dir_ / name); }), "is a picture, not a video")) << name;
    }
}

TEST_F(AcceptedTest, WhatIsNoFilmIsRefused)
{
    std::ofstream(dir_ / "subtitles.txt") << "1\n00:00:00,000 --> 00:00:01,000\nHello\n\n2\n00:00:02,000 --> "
                                             "00:00:03,000\nthere\n";
    const std::string reason = refusal_of(dir_ / "subtitles.txt");
    EXPECT_TRUE(says(reason, "is of a kind that is not read (")) << reason;
    std::ofstream(dir_ / "drawing.svg")
        << "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"48\">"
           "<image href=\"secret.png\" width=\"64\" height=\"48\"/></svg>";
    EXPECT_NE(refusal_of(dir_ / "drawing.svg"), "");
    ASSERT_EQ(::mkfifo((dir_ / "pipe.mp4").c_str(), 0600), 0);
    EXPECT_TRUE(says(refusal_of(dir_ / "pipe.mp4"), "is a pipe")) << refusal_of(dir_ / "pipe.mp4");
    EXPECT_TRUE(says(refusal_of(dir_.path()), "is a directory"));
}

} // namespace
} // namespace longtake::av
