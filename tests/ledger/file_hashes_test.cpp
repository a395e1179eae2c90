#include "pipeline/ledger/file_hashes.h"

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake {
namespace {

class FileHashesTest : public ::testing::Test {
protected:
    FileHashesTest() { std::ofstream(file_) << "one"; }

    /// Of what it contained before, unseen: with its size and modification time.
    void change_unseen() const
    {
        const auto before = std::filesystem::last_write_time(file_);
        std::ofstream(file_) << "two";
        std::filesystem::last_write_time(file_, before);
    }

    test::TempDir dir_;
    const std::filesystem::path db_ = dir_ / "ledger.db";
    const std::filesystem::path file_ = dir_ / "a.txt";
};

TEST_F(FileHashesTest, HashesAFileAgainOnlyWhenItChanged)
{
    FileHashes hashes(db_, Durability::lasting);
    EXPECT_EQ(hashes.of(file_), sha256_of("one"));
    change_unseen();
    EXPECT_EQ(FileHashes(db_, Durability::lasting).of(file_), sha256_of("one")) << "remembered, not read";
    std::ofstream(file_) << "two and more";
    EXPECT_EQ(hashes.of(file_), sha256_of("two and more"));
}

TEST_F(FileHashesTest, BelievesWhoHasReadTheFile)
{
    FileHashes hashes(db_, Durability::lasting);
    hashes.remember(file_, "a hash");
    EXPECT_TRUE(hashes.holds(file_, "a hash"));
}

TEST_F(FileHashesTest, ALinkHoldsNothing)
{
    std::filesystem::create_symlink(file_, dir_ / "link.txt");
    for (const Durability durability : {Durability::lasting, Durability::ephemeral}) {
        FileHashes hashes(db_, durability);
        EXPECT_TRUE(hashes.holds(file_, sha256_of("one")));
        EXPECT_FALSE(hashes.holds(dir_ / "link.txt", sha256_of("one")));
        EXPECT_FALSE(hashes.holds(dir_ / "gone.txt", sha256_of("one")));
    }
}

TEST_F(FileHashesTest, EphemeralOnesReadAndWriteNothing)
{
    FileHashes hashes(db_, Durability::ephemeral);
    const std::string before = hashes.of(file_);
    EXPECT_EQ(hashes.of(file_), before);
    change_unseen();
    EXPECT_EQ(hashes.of(file_), before);
    EXPECT_TRUE(hashes.holds(file_, "whatever"));
    hashes.remember(file_, "a hash");
    EXPECT_EQ(hashes.of(file_), before);
    EXPECT_FALSE(std::filesystem::exists(db_));
}

TEST_F(FileHashesTest, WhoOnlyLooksRemembersNothing)
{
    FileHashes(db_, Durability::lasting).remember(file_, "a hash");
    FileHashes hashes(db_, Durability::read_only);
    EXPECT_EQ(hashes.of(file_), "a hash");
    hashes.remember(file_, "another");
    EXPECT_EQ(hashes.of(file_), "a hash");
}

TEST_F(FileHashesTest, NamesAMissingFile)
{
    FileHashes hashes(db_, Durability::lasting);
    try {
        hashes.of(dir_ / "gone.png");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("gone.png"), std::string::npos);
    }
}

TEST(HashTest, MatchesThePublishedVector)
{
    // FIPS 180-2, appendix B.1
    EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

} // namespace
} // namespace longtake
