#include "pipeline/flow/fleet/shipment.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;

class ShipmentTest : public ::testing::Test {
protected:
    std::string file(const std::string& name, const std::string& text) const
    {
        make_folder((dir_ / name).parent_path());
        write_atomic(dir_ / name, text);
        return (dir_ / name).string();
    }

    json there_and_back(const json& board)
    {
        const json sent = packed(board, store_, hashes_);
        EXPECT_EQ(sent.dump().find(dir_.path().string()), std::string::npos) << "no path of this machine goes out";
        return unpacked(sent, store_, hashes_, dir_ / "elsewhere");
    }

    test::TempDir dir_;
    FolderStore store_{dir_ / "store"};
    FileHashes hashes_{dir_ / "hashes.db", Durability::lasting};
};

TEST_F(ShipmentTest, FilesComeOutElsewhereAsTheyWere)
{
    const json board = {
        {"title", "a film"},
        {"shots", {{{"image", file("in/cup.png", "a cup")}, {"seconds", 2}}, {{"prompt", "/no/such"}}}}};
    const json back = there_and_back(board);
    const std::filesystem::path cup = back["shots"][0]["image"].get<std::string>();
    EXPECT_EQ(cup.filename(), "cup.png");
    EXPECT_EQ(read_text(cup), "a cup");
    EXPECT_TRUE(cup.string().starts_with((dir_ / "elsewhere").string()));
    EXPECT_EQ(back["shots"][1]["prompt"], "/no/such");
    EXPECT_EQ(back["shots"][0]["seconds"], 2);
    EXPECT_EQ(back["title"], "a film");
}

TEST_F(ShipmentTest, FilesOfOneContentAreInTheStoreOnce)
{
    packed({file("a/one.png", "same"), file("b/two.png", "same")}, store_, hashes_);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "store")) {
        files += entry.is_regular_file() ? 1 : 0;
    }
    EXPECT_EQ(files, 1U);
}

TEST_F(ShipmentTest, ABrandBringsItsLogoAndItsFonts)
{
    file("brand/logo.png", "a logo");
    file("brand/fonts.ttf", "a font nobody names");
    file("brand/notes.txt", "not needed");
    const json back = there_and_back({{"brand", file("brand/brand.json", R"({"logo": {"file": "logo.png"}})")}});
    const std::filesystem::path brand = back["brand"].get<std::string>();
    EXPECT_EQ(read_text(brand.parent_path() / "logo.png"), "a logo");
    EXPECT_TRUE(std::filesystem::exists(brand.parent_path() / "fonts.ttf"));
    EXPECT_FALSE(std::filesystem::exists(brand.parent_path() / "notes.txt"));
}

TEST_F(ShipmentTest, WhatIsHereAlreadyIsNotFetchedAgain)
{
    const json sent = packed({file("in/cup.png", "a cup")}, store_, hashes_);
    unpacked(sent, store_, hashes_, dir_ / "elsewhere");
    store_.remove(content_key(sha256_of("a cup")));
    EXPECT_NO_THROW(unpacked(sent, store_, hashes_, dir_ / "elsewhere"));
    EXPECT_THROW(unpacked(sent, store_, hashes_, dir_ / "third"), Error) << "and what the store lost is said";
}

TEST_F(ShipmentTest, AnotherFileInTheStoreIsNotTakenForIt)
{
    const json sent = packed({file("in/cup.png", "a cup")}, store_, hashes_);
    store_.put(file("in/other.png", "a damaged cup"), content_key(sha256_of("a cup")));
    EXPECT_THROW(unpacked(sent, store_, hashes_, dir_ / "elsewhere"), Error);
}

TEST_F(ShipmentTest, NoFileIsWrittenOutsideItsFolder)
{
    store_.put(file("x", "x"), content_key(sha256_of("x")));
    for (const char* name : {"../out", "/tmp/out", "a/../../out"}) {
        const json sent = {{"$files", {{{"sha256", sha256_of("x")}, {"name", name}}}}};
        EXPECT_THROW(unpacked(sent, store_, hashes_, dir_ / "elsewhere"), Error) << name;
    }
}

} // namespace
} // namespace longtake
