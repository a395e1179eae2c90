#include "pipeline/app/init/new_storyboard.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/model/storyboard.h"
#include "tests/app/command_line.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/photos.h"
#include "tests/support/scenes.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NewStoryboardTest : public test::CommandLine {
protected:
    NewStoryboardTest()
    {
        fs::create_directories(folder_);
        fs::copy_file(test::photo("coffee.png"), folder_ / "img10.png");
        fs::copy_file(test::photo("chelsea.png"), folder_ / "img2.png");
        write_atomic(folder_ / "notes.txt", "no picture");
        test::write_scene(folder_ / "img5.mp4", {.frames = 24});
    }

    const fs::path folder_ = dir_ / "summer_in-rome";
    const std::string file_ = dir_ / "film.json";
};

TEST_F(NewStoryboardTest, AFolderIsAFilmOfWhatIsInItInItsOrder)
{
    const Outcome made = run({"init", folder_, "-o", file_});
    ASSERT_EQ(made.status, 0) << made.err;
    EXPECT_THAT(made.err, HasSubstr("left out: "));
    EXPECT_THAT(made.err, HasSubstr("notes.txt"));
    const Storyboard board = load_storyboard(file_);
    EXPECT_EQ(board.title, "Summer in rome");
    std::vector<std::string> ids;
    std::ranges::transform(board.shots, std::back_inserter(ids), &Shot::id);
    EXPECT_THAT(ids, ElementsAre("img2", "img5", "img10", "end"));
    EXPECT_EQ(board.size, (Size{1920, 1080}));
    EXPECT_THAT(read_text(file_), HasSubstr("\"image\": \"summer_in-rome/img2.png\""))
        << "from the storyboard's folder";

    const Outcome again = run({"init", folder_, "-o", file_});
    EXPECT_EQ(again.status, 2);
    EXPECT_THAT(again.err, HasSubstr("is there already"));
    EXPECT_EQ(run({"init", folder_, "-o", file_, "-y"}).status, 0);
}

TEST_F(NewStoryboardTest, WhatItWritesRuns)
{
    ASSERT_EQ(run({"init", folder_, "-o", file_, "--seconds", "0.5", "-p", "preview/360p"}).status, 0);
    const Outcome film = run({"run", file_, "-o", dir_ / "out", "--no-report"});
    EXPECT_EQ(film.status, 0) << film.err;
    EXPECT_FALSE(fs::is_empty(dir_ / "out"));
}

TEST_F(NewStoryboardTest, TheOnlySoundThereIsTheMusicAndOfSeveralOneIsNamed)
{
    ASSERT_EQ(test::run("ffmpeg -v error -f lavfi -i sine=d=2 '" + (folder_ / "song.wav").string() + "'").status, 0);
    EXPECT_EQ(app::material_of({folder_}, {}).music, folder_ / "song.wav");
    fs::copy_file(folder_ / "song.wav", folder_ / "other.wav");
    const app::Material two = app::material_of({folder_}, {});
    EXPECT_FALSE(two.music);
    EXPECT_EQ(two.skipped.size(), 3U);
    EXPECT_EQ(app::material_of({folder_}, folder_ / "other.wav").music, folder_ / "other.wav");
}

TEST_F(NewStoryboardTest, MostPicturesDecideTheShape)
{
    const app::Material::Shot tall{folder_ / "img2.png", {900, 1600}};
    const app::Material::Shot wide{folder_ / "img10.png", {1600, 900}};
    const std::string text = app::new_storyboard({{tall, wide, tall}, {}}, {"A \"title\"", 4, file_});
    EXPECT_THAT(text, HasSubstr("\"size\": \"1080x1920\""));
    EXPECT_THAT(text, HasSubstr("\"deliver\": [\"reels/1080x1920\"]"));
    EXPECT_THAT(text, HasSubstr("\"title\": \"A \\\"title\\\"\""));
}

TEST_F(NewStoryboardTest, NothingToShowIsSaid)
{
    fs::create_directories(dir_ / "empty");
    const Outcome empty = run({"init", dir_ / "empty", "-o", file_});
    EXPECT_EQ(empty.status, 2);
    EXPECT_THAT(empty.err, HasSubstr("no picture and no clip"));
    EXPECT_EQ(run({"init", folder_ / "notes.txt", "-o", file_}).status, 3) << "named, it has to be something";
    EXPECT_EQ(run({"init", dir_ / "missing.jpg", "-o", file_}).status, 3);
    EXPECT_FALSE(fs::exists(file_));
}

} // namespace
} // namespace longtake
