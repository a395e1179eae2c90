#include "pipeline/flow/batch/remote_files.h"

#include "pipeline/base/hash.h"
#include "tests/flow/batch/cards_batch.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

constexpr const char* k_with_pictures = R"({
  "schema": "longtake/campaign/1", "description": "pictures",
  "variables": { "image": { "type": "picture", "description": "it" }, "title": { "type": "text", "description": "it" },
                 "steps": { "type": "list", "description": "them", "optional": true,
                            "fields": { "image": { "type": "picture", "description": "it" } } } },
  "storyboard": { "schema": "longtake/storyboard/1", "shots": [ { "image": "${image}", "seconds": 1 } ] }
})";

class RemoteFilesTest : public testing::Test {
protected:
    RemoteFilesTest()
    {
        write_atomic(dir_.path() / "pictures.json", k_with_pictures);
        source_.source = open_template({}, (dir_.path() / "pictures.json").string());
    }

    BatchRow fetched(std::vector<Assignment> given, bool allowed)
    {
        std::vector<BatchRow> rows(1);
        rows[0].given = std::move(given);
        fetch_remote_files(source_, rows, allowed, dir_.path() / "remote", {});
        return rows[0];
    }

    test::TempDir dir_;
    BatchSource source_;
};

TEST_F(RemoteFilesTest, NothingIsFetchedUnlessItMayBe)
{
    const BatchRow row = fetched({{"image", "https://example.com/a.jpg"}, {"title", "https://example.com"}}, false);
    ASSERT_EQ(row.wrong.size(), 1U); // an address in a text is a text
    EXPECT_EQ(row.wrong[0].key, "image");
    EXPECT_NE(row.wrong[0].what.find("--allow-remote"), std::string::npos);
    EXPECT_EQ(fetched({{"steps.1.image", "https://example.com/a.jpg"}}, false).wrong.size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(dir_.path() / "remote"));
}

TEST_F(RemoteFilesTest, AnAddressOfThisMachineIsNotReached)
{
    const BatchRow row = fetched({{"image", "http://127.0.0.1:9/a.jpg"}}, true);
    ASSERT_EQ(row.wrong.size(), 1U);
    EXPECT_NE(row.wrong[0].what.find("127.0.0.1"), std::string::npos) << row.wrong[0].what;
}

TEST_F(RemoteFilesTest, WhatWasFetchedIsUsedAgain)
{
    const std::string address = "https://example.com/cup.jpg?width=800";
    const std::filesystem::path kept = dir_.path() / "remote" / (sha256_of(address).substr(0, 32) + ".jpg");
    make_folder(kept.parent_path());
    write_atomic(kept, "a picture");
    const BatchRow row = fetched({{"image", address}}, true);
    EXPECT_TRUE(row.wrong.empty());
    EXPECT_EQ(row.given.at(0).value, kept.string());
}

} // namespace
} // namespace longtake
