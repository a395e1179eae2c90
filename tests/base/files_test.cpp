#include "pipeline/base/files.h"

#include "pipeline/base/error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace longtake {
namespace {

class FilesTest : public ::testing::Test {
protected:
    /// What a killed run leaves of a file: its part, which nobody locks.
    std::filesystem::path stale_part_of(const std::string& name)
    {
        std::filesystem::path part;
        {
            PartFile killed(dir_ / name);
            part = killed.part();
        }
        std::ofstream(part) << "half";
        return part;
    }

    std::size_t files() const
    {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(dir_.path()), std::filesystem::directory_iterator()));
    }

    static Error failure(const std::function<void()>& work)
    {
        try {
            work();
        } catch (const Error& error) {
            return error;
        }
        return {Errc::internal, "no failure"};
    }

    test::TempDir dir_;
};

TEST_F(FilesTest, AtomicWriteReplacesTheWholeFileAndLeavesNoPart)
{
    const auto file = dir_ / "a.json";
    write_atomic(file, "a long first text");
    write_atomic(file, "short");
    EXPECT_EQ(read_text(file), "short");
    EXPECT_EQ(files(), 1U);
}

TEST_F(FilesTest, AnEmptyFileReadsAsEmptyAndAMissingOneIsNamed)
{
    std::ofstream(dir_ / "empty.json").close();
    EXPECT_EQ(read_text(dir_ / "empty.json"), "");
    try {
        read_text(dir_ / "missing.json");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::usage);
        EXPECT_NE(std::string(error.what()).find("missing.json: No such file"), std::string::npos);
    }
}

TEST_F(FilesTest, RefusesWhatCouldKeepItWaiting)
{
    ASSERT_EQ(::mkfifo((dir_ / "pipe.json").c_str(), 0600), 0);
    for (const std::filesystem::path& file :
         {dir_ / "pipe.json", dir_.path(), std::filesystem::path("/dev/null"), std::filesystem::path("/dev/zero")}) {
        try {
            read_text(file);
            ADD_FAILURE() << file;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage);
            EXPECT_NE(std::string(error.what()).find("not a regular file"), std::string::npos) << error.what();
        }
    }
    EXPECT_THROW(read_text("/dev/null", Pipes::allowed), Error);
}

TEST_F(FilesTest, ReadsAPipeWhereOneIsMeant)
{
    const auto pipe = dir_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::thread writer([&] { std::ofstream(pipe) << std::string(200'000, 'x'); });
    EXPECT_EQ(read_text(pipe, Pipes::allowed).size(), 200'000U);
    writer.join();
}

TEST_F(FilesTest, APartFileVanishesUnlessCommitted)
{
    {
        PartFile part(dir_ / "film.mp4");
        part.write("half");
        EXPECT_EQ(files(), 1U);
    }
    EXPECT_EQ(files(), 0U);
    PartFile part(dir_ / "film.mp4");
    part.write("who");
    part.write("le");
    part.commit();
    EXPECT_EQ(read_text(dir_ / "film.mp4"), "whole");
    EXPECT_EQ(files(), 1U);
}

TEST_F(FilesTest, TwoWritersOfOneFileDoNotMeet)
{
    PartFile first(dir_ / "film.mp4");
    PartFile second(dir_ / "film.mp4");
    EXPECT_NE(first.part(), second.part());
    first.write("the first, which is longer");
    second.write("the second");
    first.commit();
    EXPECT_EQ(read_text(dir_ / "film.mp4"), "the first, which is longer");
    second.commit();
    EXPECT_EQ(read_text(dir_ / "film.mp4"), "the second");
}

TEST_F(FilesTest, OfManyWritersThatKeepWhatIsThereOneGetsTheName)
{
    std::vector<std::string> outcomes(8);
    {
        std::vector<std::jthread> writers;
        for (std::string& outcome : outcomes) {
            writers.emplace_back([&] {
                PartFile part(dir_ / "film.mp4");
                part.write("whole");
                outcome = failure([&] { part.commit(Existing::keep); }).what();
            });
        }
    }
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "no failure"), 1);
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(),
                         (dir_ / "film.mp4").string() + ": is there already; -y overwrites it"),
              7);
    EXPECT_EQ(read_text(dir_ / "film.mp4"), "whole");
    EXPECT_EQ(files(), 1U);
}

TEST_F(FilesTest, WhatIsThereIsKeptWhenAsked)
{
    std::ofstream(dir_ / "film.mp4") << "precious";
    const Error refused = failure([&] { write_atomic(dir_ / "film.mp4", "ours", Existing::keep); });
    EXPECT_EQ(refused.code(), Errc::usage);
    EXPECT_EQ(read_text(dir_ / "film.mp4"), "precious");
    std::filesystem::create_symlink(dir_ / "nowhere", dir_ / "link.mp4");
    EXPECT_EQ(failure([&] { write_atomic(dir_ / "link.mp4", "ours", Existing::keep); }).code(), Errc::usage);
    write_atomic(dir_ / "link.mp4", "ours"); // the link is replaced, not followed
    EXPECT_FALSE(std::filesystem::exists(dir_ / "nowhere"));
    EXPECT_EQ(read_text(dir_ / "link.mp4"), "ours");
}

TEST_F(FilesTest, WhatIsCalledPartIsNeitherTouchedNorInTheWay)
{
    std::ofstream(dir_ / "a.mp4.part") << "precious";
    std::filesystem::create_directory(dir_ / "b.mp4.part");
    std::filesystem::create_symlink(dir_ / "a.mp4.part", dir_ / "c.mp4.part");
    for (const char* name : {"a.mp4", "b.mp4", "c.mp4"}) {
        write_atomic(dir_ / name, "film");
        sweep_parts(dir_.path(), name);
    }
    EXPECT_EQ(read_text(dir_ / "a.mp4.part"), "precious");
    EXPECT_TRUE(std::filesystem::is_symlink(dir_ / "c.mp4.part"));
    EXPECT_EQ(files(), 6U);
}

TEST_F(FilesTest, APartThatWasSwappedGetsNoName)
{
    std::ofstream(dir_ / "precious") << "precious";
    PartFile part(dir_ / "film.mp4");
    part.write("film");
    std::filesystem::remove(part.part());
    std::filesystem::create_symlink(dir_ / "precious", part.part());
    EXPECT_EQ(failure([&] { part.commit(); }).code(), Errc::storage);
    EXPECT_FALSE(std::filesystem::exists(dir_ / "film.mp4"));
    EXPECT_EQ(read_text(dir_ / "precious"), "precious");
}

TEST_F(FilesTest, LongNamesAreCutBetweenLetters)
{
    std::string name;
    while (name.size() < 252) {
        name += "\xe9\x95\xbf"; // a letter of three bytes
    }
    PartFile part(dir_ / name);
    const std::string made = part.part().filename().string();
    EXPECT_LE(made.size(), 255U);
    const std::string cut = made.substr(1, made.find(".longtake-") - 1);
    EXPECT_GT(cut.size(), 220U);
    EXPECT_EQ(cut.size() % 3, 0U);
    part.write("film");
    part.commit();
    EXPECT_EQ(read_text(dir_ / name), "film");
}

TEST_F(FilesTest, PartsOfKilledRunsAreSweptAndNothingElse)
{
    const auto stale = stale_part_of("film.mp4");
    const auto other = stale_part_of("film2.mp4");
    PartFile written(dir_ / "film.mp4");
    const auto elsewhere = dir_ / ".film.mp4.longtake-aaaaaaaa.part";
    std::filesystem::create_symlink(other, elsewhere);
    const auto linked = dir_ / ".film.mp4.longtake-bbbbbbbb.part";
    std::ofstream(dir_ / "precious") << "precious";
    std::filesystem::create_hard_link(dir_ / "precious", linked);
    const auto folder = dir_ / ".film.mp4.longtake-cccccccc.part";
    std::filesystem::create_directory(folder);
    const std::vector<std::filesystem::path> strangers{dir_ / ".film.mp4.longtake-AAAAAAAA.part",
                                                       dir_ / ".film.mp4.longtake-aaaaaaa.part",
                                                       dir_ / "film.mp4.longtake-aaaaaaaa.part"};
    for (const auto& stranger : strangers) {
        std::ofstream(stranger) << "precious";
    }

    sweep_parts(dir_.path(), "film.mp4");
    EXPECT_FALSE(std::filesystem::exists(stale));
    EXPECT_TRUE(std::filesystem::exists(other));
    EXPECT_TRUE(std::filesystem::exists(written.part()));
    EXPECT_TRUE(std::filesystem::is_symlink(elsewhere));
    EXPECT_TRUE(std::filesystem::exists(linked));
    EXPECT_TRUE(std::filesystem::exists(folder));
    for (const auto& stranger : strangers) {
        EXPECT_TRUE(std::filesystem::exists(stranger)) << stranger;
    }

    sweep_parts(dir_.path());
    EXPECT_FALSE(std::filesystem::exists(other));
    EXPECT_TRUE(std::filesystem::exists(written.part()));
    sweep_parts(dir_ / "no-such-folder");
}

TEST_F(FilesTest, WhatCannotBeWrittenIsNoFaultOfOurs)
{
    const Error missing = failure([&] { write_atomic(dir_ / "none/a.json", "text"); });
    EXPECT_EQ(missing.code(), Errc::storage);
    EXPECT_NE(std::string(missing.what()).find("No such file or directory; make its folder first"), std::string::npos)
        << missing.what();
    std::ofstream(dir_ / "file") << "";
    EXPECT_EQ(failure([&] { make_folder(dir_ / "file/folder"); }).code(), Errc::storage);
    const test::FileSizeLimit no_room(2);
    const Error full = failure([&] { write_atomic(dir_ / "a.json", "text"); });
    EXPECT_EQ(full.code(), Errc::storage);
    EXPECT_NE(std::string(full.what()).find("a.json': File too large; "), std::string::npos) << full.what();
    EXPECT_EQ(files(), 1U);
}

TEST_F(FilesTest, AFileLockIsSharedOrHeldByOneAlone)
{
    const auto file = dir_ / "lock";
    std::atomic<bool> alone{false};
    std::jthread writer;
    {
        const FileLock first(file, FileLock::Kind::shared);
        const FileLock second(file, FileLock::Kind::shared);
        writer = std::jthread([&] {
            const FileLock lock(file, FileLock::Kind::exclusive);
            alone = true;
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        EXPECT_FALSE(alone);
    }
    writer.join();
    EXPECT_TRUE(alone);
    EXPECT_EQ(failure([&] { FileLock(dir_ / "none/lock", FileLock::Kind::shared); }).code(), Errc::storage);
    std::filesystem::create_symlink(file, dir_ / "link");
    EXPECT_EQ(failure([&] { FileLock(dir_ / "link", FileLock::Kind::shared); }).code(), Errc::storage);
}

TEST_F(FilesTest, ADirectoryHasOneLockHolder)
{
    const auto first = DirectoryLock::try_lock(dir_.path());
    EXPECT_THROW(DirectoryLock::try_lock(dir_.path()), Error);
}

} // namespace
} // namespace longtake
