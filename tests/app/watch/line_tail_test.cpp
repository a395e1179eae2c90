#include "pipeline/app/watch/line_tail.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake::app {
namespace {

using Lines = std::vector<std::string>;

class LineTailTest : public ::testing::Test {
protected:
    void append(const std::string& text) { std::ofstream(file_, std::ios::app) << text; }

    test::TempDir dir_;
    std::filesystem::path file_ = dir_ / "events.jsonl";
    LineTail tail_{file_};
};

TEST_F(LineTailTest, LinesComeAsTheyAreWholeAndOnce)
{
    EXPECT_TRUE(tail_.look().lines.empty()) << "there is no file yet";
    append("one\ntw");
    LineTail::News news = tail_.look();
    EXPECT_TRUE(news.anew);
    EXPECT_EQ(news.lines, Lines{"one"});
    EXPECT_TRUE(tail_.look().lines.empty());
    append("o\nthree\n");
    news = tail_.look();
    EXPECT_FALSE(news.anew);
    EXPECT_EQ(news.lines, (Lines{"two", "three"}));
}

TEST_F(LineTailTest, AFileThatTakesItsPlaceIsReadAfterTheLastWordsOfTheOneBefore)
{
    append("one\n");
    tail_.look();
    append("the end\n");
    std::filesystem::rename(file_, dir_ / "before");
    append("new\n");
    const LineTail::News last = tail_.look();
    EXPECT_FALSE(last.anew);
    EXPECT_EQ(last.lines, Lines{"the end"});
    const LineTail::News news = tail_.look();
    EXPECT_TRUE(news.anew);
    EXPECT_EQ(news.lines, Lines{"new"});
}

TEST_F(LineTailTest, AFileThatWasCutShortIsReadFromItsBeginning)
{
    append("one\ntwo\nthr");
    tail_.look();
    std::ofstream(file_) << "new\n";
    const LineTail::News news = tail_.look();
    EXPECT_TRUE(news.anew);
    EXPECT_EQ(news.lines, Lines{"new"});
}

TEST_F(LineTailTest, WhatWasTakenAwayIsStillReadToItsEnd)
{
    append("one\n");
    tail_.look();
    append("two\n");
    std::filesystem::remove(file_);
    EXPECT_EQ(tail_.look().lines, Lines{"two"});
    EXPECT_FALSE(tail_.look().anew);
}

TEST_F(LineTailTest, LinksAndFoldersAreNotFollowed)
{
    std::ofstream(dir_ / "secret") << "secret\n";
    std::filesystem::create_symlink(dir_ / "secret", file_);
    EXPECT_TRUE(tail_.look().lines.empty());
    std::filesystem::remove(file_);
    std::filesystem::create_directory(file_);
    EXPECT_TRUE(tail_.look().lines.empty());
}

TEST_F(LineTailTest, ALongFileComesInPiecesAndALineBeyondAllMeasureNotAtAll)
{
    append(std::string(20 << 20, 'x') + "\nafter\n");
    Lines lines;
    for (int look = 0; look < 12; ++look) {
        for (std::string& line : tail_.look().lines) {
            lines.push_back(std::move(line));
        }
    }
    EXPECT_EQ(lines, Lines{"after"});
}

} // namespace
} // namespace longtake::app
