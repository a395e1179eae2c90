#include "tests/app/stitching.h"

#include "pipeline/base/files.h"

#include "pipeline/base/hash.h"
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

TEST_F(StitchInputsTest, NamesMayHoldAnything)
{
    const auto a = clip("a b's [1] été 咖啡.mp4", 7);
    const auto b = clip("100%d #2.mp4", 9);
    ASSERT_EQ(make({a, b}).status, 0);
    EXPECT_EQ(order(), (std::vector{7, 9}));
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
    expect_refused({dir_ / "nothing*.mp4"}, 2, "matches no file");
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
