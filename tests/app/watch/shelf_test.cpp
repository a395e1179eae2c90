#include "pipeline/app/watch/shelf.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

class ShelfTest : public ::testing::Test {
protected:
    ShelfTest()
    {
        fs::create_directories(dir_ / "run/pictures");
        for (const char* file : {"run/film.mp4", "run/notes.txt", "run/pictures/a-1.jpg", "secret.mp4", "run-2.mp4"}) {
            std::ofstream(dir_ / file) << "x";
        }
        shelf_.allow({dir_ / "run", dir_ / "not-there", "/"});
        shelf_.put_pictures("pictures", dir_ / "run/pictures");
    }

    bool serves(const fs::path& film)
    {
        shelf_.put_film("0", film);
        EXPECT_EQ(shelf_.has(film), shelf_.find("files/0").has_value());
        return shelf_.find("files/0").has_value();
    }

    test::TempDir dir_;
    Shelf shelf_;
};

TEST_F(ShelfTest, FilmsByNumberAndPicturesByName)
{
    EXPECT_TRUE(serves(dir_ / "run/film.mp4"));
    EXPECT_EQ(shelf_.find("files/0")->type, "video/mp4");
    EXPECT_EQ(shelf_.find("pictures/a-1.jpg")->type, "image/jpeg");
    shelf_.clear_films();
    EXPECT_FALSE(shelf_.find("files/0"));
}

TEST_F(ShelfTest, NothingOutsideOfItsFoldersIsHad)
{
    EXPECT_FALSE(serves(dir_ / "secret.mp4"));
    EXPECT_FALSE(serves(dir_ / "run/../secret.mp4"));
    EXPECT_FALSE(serves(dir_ / "run-2.mp4")) << "begins with the folder's name";
    EXPECT_FALSE(serves("/etc/passwd"));
    EXPECT_FALSE(serves(""));
    EXPECT_FALSE(serves(dir_ / "run"));
}

TEST_F(ShelfTest, LinksThatLeadOutAreRefusedAndThoseThatStayAreNot)
{
    fs::create_symlink(dir_ / "secret.mp4", dir_ / "run/out.mp4");
    fs::create_symlink(dir_ / "run/film.mp4", dir_ / "run/in.mp4");
    fs::create_directory_symlink(dir_.path(), dir_ / "run/up");
    EXPECT_FALSE(serves(dir_ / "run/out.mp4"));
    EXPECT_FALSE(serves(dir_ / "run/up/secret.mp4"));
    EXPECT_TRUE(serves(dir_ / "run/in.mp4"));
    fs::create_symlink(dir_ / "secret.mp4", dir_ / "run/pictures/out.jpg");
    EXPECT_FALSE(shelf_.find("pictures/out.jpg"));
}

TEST_F(ShelfTest, OnlyMediaIsHad)
{
    EXPECT_FALSE(serves(dir_ / "run/notes.txt"));
    fs::create_symlink(dir_ / "run/notes.txt", dir_ / "run/notes.mp4");
    EXPECT_FALSE(serves(dir_ / "run/notes.mp4")) << "it goes by what the link leads to";
}

TEST_F(ShelfTest, NamesAreNoPaths)
{
    for (const char* path :
         {"", "/", "pictures", "pictures/", "pictures/../film.mp4", "pictures/..", "pictures/.jpg", "pictures/a/b.jpg",
          "pictures/a%2f.jpg", "files/", "files/../0", "other/a-1.jpg", "pictures/A.jpg"}) {
        EXPECT_FALSE(shelf_.find(path)) << path;
    }
}

} // namespace
} // namespace longtake::app
