#include "pipeline/base/files.h"

#include "pipeline/base/error.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake {
namespace {

class FilesTest : public ::testing::Test {
protected:
    test::TempDir dir_;
};

TEST_F(FilesTest, AtomicWriteReplacesTheWholeFileAndLeavesNoPart)
{
    const auto file = dir_ / "a.json";
    write_atomic(file, "a long first text");
    write_atomic(file, "short");
    EXPECT_EQ(read_text(file), "short");
    EXPECT_FALSE(std::filesystem::exists(dir_ / "a.json.part"));
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

TEST_F(FilesTest, APartFileVanishesUnlessCommitted)
{
    {
        PartFile part(dir_ / "film.mp4");
        std::ofstream(part.part()) << "half";
    }
    EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
    PartFile part(dir_ / "film.mp4");
    std::ofstream(part.part()) << "whole";
    part.commit();
    EXPECT_EQ(read_text(dir_ / "film.mp4"), "whole");
}

TEST_F(FilesTest, ADirectoryHasOneLockHolder)
{
    DirectoryLock first(dir_.path());
    EXPECT_THROW(DirectoryLock(dir_.path()), Error);
}

} // namespace
} // namespace longtake
