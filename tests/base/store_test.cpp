#include "pipeline/base/store.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

class FolderStoreTest : public ::testing::Test {
protected:
    std::filesystem::path file(const std::string& text) const
    {
        write_atomic(dir_ / "file", text);
        return dir_ / "file";
    }

    test::TempDir dir_;
    FolderStore store_{dir_ / "store"};
};

TEST_F(FolderStoreTest, GivesBackWhatWasPutThere)
{
    EXPECT_FALSE(store_.has("sha256/ab/abc"));
    EXPECT_FALSE(store_.get("sha256/ab/abc", dir_ / "back"));
    store_.put(file("one"), "sha256/ab/abc");
    EXPECT_TRUE(store_.has("sha256/ab/abc"));
    EXPECT_TRUE(store_.get("sha256/ab/abc", dir_ / "deep/back"));
    EXPECT_EQ(read_text(dir_ / "deep/back"), "one");
    store_.put(file("two"), "sha256/ab/abc");
    EXPECT_TRUE(store_.get("sha256/ab/abc", dir_ / "deep/back"));
    EXPECT_EQ(read_text(dir_ / "deep/back"), "two");
    store_.remove("sha256/ab/abc");
    EXPECT_FALSE(store_.has("sha256/ab/abc"));
    store_.remove("sha256/ab/abc");
}

TEST_F(FolderStoreTest, NothingLiesBesideWhatIsThere)
{
    store_.put(file("one"), "a/b");
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "store")) {
        files += entry.is_regular_file() ? 1 : 0;
    }
    EXPECT_EQ(files, 1U);
}

TEST_F(FolderStoreTest, AStoreThatWentIsNotTakenForAnEmptyOne)
{
    std::filesystem::remove_all(dir_ / "store");
    EXPECT_THROW(store_.get("a/b", dir_ / "back"), Error);
}

TEST_F(FolderStoreTest, IsCheckedByAFileThatIsGoneAfterwards)
{
    check_store(store_);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "store")) {
        files += entry.is_regular_file() ? 1 : 0;
    }
    EXPECT_EQ(files, 0U);
}

TEST(StoreKeyTest, IsOfPlainCharactersAlone)
{
    EXPECT_EQ(content_key("abcdef"), "sha256/ab/abcdef");
    for (const char* key : {"a", "films/b1/cup-2/cup_9x16.mp4", "check/1-2"}) {
        EXPECT_TRUE(is_store_key(key)) << key;
    }
    for (const char* key : {"", "/a", "a/", "a//b", "../a", "a/../b", "a b", "A", "a+b", "ä"}) {
        EXPECT_FALSE(is_store_key(key)) << key;
    }
}

} // namespace
} // namespace longtake
