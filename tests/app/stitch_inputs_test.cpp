#include "tests/app/stitching.h"

#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"

#include <sys/stat.h>

#include <fstream>

namespace longtake::test {
namespace {

/// How clips may be named, and what is refused.
class StitchInputsTest : public Stitching {
protected:
    std::string clip(const std::string& name, int first = 0)
    {
        std::filesystem::create_directories((dir_ / name).parent_path());
        return write_numbered(dir_ / name, {.first = first, .frames = 24, .flash = 12}).string();
    }

    /// The number of the first frame of each clip in the film.
    std::vector<int> order()
    {
        std::vector<int> numbers;
        const Decoded film_seen = decoded(film());
        for (std::int64_t i = 0; i < film_seen.frames(); i += 24) {
            numbers.push_back(seen_in(film_seen.frame(i)).number);
        }
        return numbers;
    }

    Answer make(std::vector<std::string> words)
    {
        words.insert(words.begin(), "stitch");
        words.insert(words.end(), {"-o", film()});
        return longtake(words);
    }

    /// Refused as an input file, in words, and nothing left behind.
    void expect_refused(const std::vector<std::string>& words, int status, const std::string& reason)
    {
        const Answer answer = make(words);
        EXPECT_EQ(answer.status, status) << answer.result;
        EXPECT_NE(answer.err.find(reason), std::string::npos) << "'" << reason << "' is not in: " << answer.err;
        EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << answer.err;
        for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
            EXPECT_FALSE(entry.path().filename().string().starts_with("film.mp4")) << entry.path();
        }
    }
};

TEST_F(StitchInputsTest, AFolderIsReadInNaturalOrder)
{
    clip("takes/clip10.mp4", 100);
    clip("takes/clip2.mp4", 20);
    clip("takes/Clip1.MP4", 10);
    std::ofstream(dir_ / "takes/notes.doc") << "no clip";
    ASSERT_EQ(make({dir_ / "takes"}).status, 0);
    EXPECT_EQ(order(), (std::vector{10, 20, 100}));
}

TEST_F(StitchInputsTest, APatternAndAListNameClipsAndAClipMayComeTwice)
{
    clip("clip10.mp4", 100);
    clip("clip9.mp4", 90);
    ASSERT_EQ(make({dir_ / "clip*.mp4", dir_ / "clip9.mp4"}).status, 0);
    EXPECT_EQ(order(), (std::vector{90, 100, 90}));
    std::ofstream(dir_ / "list.txt") << "# ffmpeg's own form, and ours\nfile 'clip10.mp4'\nclip9.mp4\n\nclip10.mp4\r\n";
    ASSERT_EQ(make({dir_ / "list.txt", "-y"}).status, 0);
    EXPECT_EQ(order(), (std::vector{100, 90, 100}));
    ASSERT_EQ(make({"@" + (dir_ / "list.txt").string(), "-y"}).status, 0);
}

/// As ffmpeg's documentation of its concat demuxer has them, and as other systems' editors save them.
TEST_F(StitchInputsTest, AListMayBeFfmpegs)
{
    clip("it's.mp4", 10);
    clip("a b.mp4", 20);
    std::ofstream(dir_ / "list.txt") << "\xEF\xBB\xBF"
                                     << "ffconcat version 1.0\nfile 'it'\\''s.mp4'\nduration 1.0\n"
                                     << "file a\\ b.mp4\nfile it\\'s.mp4\r\n";
    ASSERT_EQ(make({dir_ / "list.txt"}).status, 0);
    EXPECT_EQ(order(), (std::vector{10, 20, 10}));
    std::filesystem::remove(film());
    std::ofstream(dir_ / "odd.txt") << "file 'a b.mp4'\nstream\n";
    expect_refused({dir_ / "odd.txt"}, 2, "odd.txt:2: 'stream' is not understood");
    std::ofstream(dir_ / "early.txt") << "inpoint 1\nfile 'a b.mp4'\n";
    expect_refused({dir_ / "early.txt"}, 2, "early.txt:1: 'inpoint' stands before any file");
    ASSERT_EQ(::mkfifo((dir_ / "pipe.txt").c_str(), 0600), 0);
    expect_refused({dir_ / "pipe.txt"}, 2, "is not a regular file");
    std::ofstream(dir_ / "film.json") << "{}";
    expect_refused({dir_ / "a b.mp4", dir_ / "film.json"}, 2, "has to be named alone");
}

/// As ffmpeg's concat demuxer does: from the inpoint to the outpoint, or for the duration.
TEST_F(StitchInputsTest, AListSaysWhichPartOfAClip)
{
    clip("a.mp4", 10);
    clip("b.mp4", 20);
    std::ofstream(dir_ / "cut.txt") << "file a.mp4\ninpoint 0.125\noutpoint 0:00.375\nfile b.mp4\nduration 0.25\n";
    const Answer answer = make({dir_ / "cut.txt"});
    ASSERT_EQ(answer.status, 0) << answer.err;
    EXPECT_EQ(answer.result["outputs"][0]["frames"], 12);
    std::ofstream(dir_ / "long.txt") << "file a.mp4\noutpoint 9\n";
    EXPECT_EQ(longtake({"stitch", dir_ / "long.txt", "-o", film(), "-y"}).status, 2);
    std::ofstream(dir_ / "no.txt") << "file a.mp4\noutpoint soon\n";
    EXPECT_EQ(longtake({"stitch", dir_ / "no.txt", "-o", film(), "-y"}).status, 2);
}

TEST_F(StitchInputsTest, TheOutputsNameSaysWhatItIs)
{
    const auto a = clip("a.mp4", 1);
    const auto b = clip("b.mp4", 2);
    for (const char* name : {"film.mov", "film.MP4", "film.mkv"}) {
        const Answer answer = longtake({"stitch", a, b, "-o", dir_ / name});
        EXPECT_EQ(answer.status, 0) << name << ": " << answer.err;
        EXPECT_TRUE(std::filesystem::is_regular_file(dir_ / name)) << name;
    }
    for (const std::string& name : {(dir_ / "film.avi").string(), (dir_ / "film.ts").string(), std::string("-")}) {
        EXPECT_EQ(longtake({"stitch", a, b, "-o", name}).status, 2) << name;
        EXPECT_FALSE(std::filesystem::exists(name)) << name;
    }
    EXPECT_EQ(longtake({"stitch", a, b, "-o", "/dev/null"}).status, 2);
}

/// Between them decoders would have to change their profile, which FFmpeg's does not do right.
TEST_F(StitchInputsTest, ALosslessClipBesideOthersIsEncoded)
{
    const auto plain = clip("plain.mp4");
    ffmpeg("-i \"" + plain +
           "\" -c:a copy -c:v libx264 -qp 0 -preset ultrafast -pix_fmt yuv420p -colorspace bt709 "
           "-color_primaries bt709 -color_trc bt709 \"" +
           (dir_ / "lossless.mp4").string() + "\"");
    stitch({plain, dir_ / "lossless.mp4", plain});
    EXPECT_TRUE(explained_.says("its profile (244)"));
    expect_whole();
    const Decoded source = decoded(plain);
    for (std::int64_t i = 0; i < 72; ++i) {
        EXPECT_EQ(seen_in(seen_.frame(i)).number, seen_in(source.frame(i % 24)).number) << "frame " << i;
    }
}

/// A storyboard that says nothing of loudness has its clips' levels, as clips named one by one have.
TEST_F(StitchInputsTest, AStoryboardOfClipsKeepsTheirLevels)
{
    const auto a = clip("a.mp4");
    const nlohmann::json shots = {{{"id", "a"}, {"clip", a}}, {{"id", "b"}, {"clip", a}}};
    nlohmann::json board = {{"schema", "longtake/storyboard/1"}, {"title", "two"}, {"shots", shots}};
    std::ofstream(dir_ / "film.json") << board;
    const Answer kept = make({dir_ / "film.json", "-y"});
    ASSERT_EQ(kept.status, 0) << kept.err;
    const Answer clips = make({a, a, "-y"});
    EXPECT_EQ(kept.result["outputs"][0]["loudness"], clips.result["outputs"][0]["loudness"]);
    EXPECT_EQ(kept.result["outputs"][0]["true_peak"], clips.result["outputs"][0]["true_peak"]);
    board["audio"]["loudness"] = -30;
    std::ofstream(dir_ / "film.json") << board;
    EXPECT_NEAR(make({dir_ / "film.json", "-y"}).result["outputs"][0]["loudness"].get<double>(), -30, 1);
}

TEST_F(StitchInputsTest, NamesMayHoldAnything)
{
    const auto a = clip("a b's [1] été 咖啡.mp4", 7);
    const auto b = clip("100%d #2.mp4", 9);
    ASSERT_EQ(make({a, b}).status, 0);
    EXPECT_EQ(order(), (std::vector{7, 9}));
    const std::string chapters = output_of("ffprobe -v error -show_entries chapter_tags=title -of csv=p=0 " + film());
    EXPECT_EQ(chapters, "a b's [1] été 咖啡\n100%d #2\n") << "chapters are called what the clips are";
}

TEST_F(StitchInputsTest, NothingIsOverwrittenUnasked)
{
    const auto a = clip("a.mp4", 1);
    std::ofstream(film()) << "precious";
    EXPECT_EQ(make({a}).status, 2);
    EXPECT_EQ(read_text(film()), "precious");
}

/// Even -y does not let a film eat a clip it is made of.
TEST_F(StitchInputsTest, AFilmDoesNotOverwriteItsOwnClips)
{
    const auto a = clip("a.mp4", 1);
    const auto b = clip("b.mp4", 2);
    std::filesystem::create_symlink(a, dir_ / "link.mp4");
    const std::string before = sha256_of(read_text(a));
    for (const std::string& output : {a, (dir_ / "link.mp4").string(), (dir_ / "." / "a.mp4").string()}) {
        const Answer answer = longtake({"stitch", a, b, "-o", output, "-y"});
        EXPECT_EQ(answer.status, 2) << answer.result;
        EXPECT_NE(answer.err.find("one of the clips"), std::string::npos) << answer.err;
        EXPECT_EQ(sha256_of(read_text(a)), before);
    }
}

TEST_F(StitchInputsTest, WhatIsNoClipIsRefused)
{
    const auto good = clip("good.mp4");
    std::ofstream(dir_ / "empty.mp4").flush();
    std::ofstream(dir_ / "text.mp4") << "this is no video at all, but it is long enough to be looked at as one";
    ffmpeg("-f lavfi -i sine=d=1 \"" + (dir_ / "sound.m4a").string() + "\"");
    ffmpeg("-f lavfi -i testsrc2=s=64x64:d=0.1 -frames:v 1 \"" + (dir_ / "cover.png").string() + "\"");
    ffmpeg("-i \"" + (dir_ / "sound.m4a").string() + "\" -i \"" + (dir_ / "cover.png").string() +
           "\" -map 0 -map 1 -c copy -disposition:v attached_pic \"" + (dir_ / "song.m4a").string() + "\"");
    expect_refused({good, dir_ / "gone.mp4"}, 3, "no such file");
    expect_refused({good, dir_ / "empty.mp4"}, 3, "empty.mp4");
    expect_refused({good, dir_ / "text.mp4"}, 3, "text.mp4");
    expect_refused({good, dir_ / "sound.m4a"}, 3, "no video stream");
    expect_refused({good, dir_ / "song.m4a"}, 3, "only a cover picture");
    expect_refused({good, dir_ / "cover.png"}, 3, "is a picture, not a video");
    expect_refused({dir_ / "nothing*.mp4"}, 2, "matches no file");
    expect_refused({good, "--timing", "bla"}, 2, "bla");
    std::filesystem::copy_file(good, dir_ / "caf\xe9.mp4"); // Latin-1
    expect_refused({good, dir_ / "caf\xe9.mp4"}, 3, "its name is not UTF-8; rename it");
}

/// Damage is found wherever it lies, also in frames that are only copied.
TEST_F(StitchInputsTest, ADamagedClipIsRefused)
{
    const auto good = clip("good.mp4");
    const std::string bytes = read_text(good);
    const auto write = [&](const std::string& name, const std::string& content) {
        std::ofstream(dir_ / name, std::ios::binary) << content;
        return (dir_ / name).string();
    };
    expect_refused({good, write("half.mp4", bytes.substr(0, bytes.size() / 2))}, 3, "half.mp4");

    ffmpeg("-i \"" + good + "\" -c copy -movflags +faststart \"" + (dir_ / "front.mp4").string() + "\"");
    const std::string front = read_text(dir_ / "front.mp4");
    expect_refused({good, write("cut.mp4", front.substr(0, front.size() * 3 / 4))}, 3, "cut.mp4");

    std::string broken = bytes;
    for (std::size_t at = 2000; at < 6000; at += 2) {
        broken[at] = '\x5a';
    }
    expect_refused({good, write("broken.mp4", broken)}, 3, "broken.mp4");
}

} // namespace
} // namespace longtake::test
