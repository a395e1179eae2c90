#include "pipeline/ledger/film_parts.h"

#include "pipeline/ledger/row_queue.h"
#include "tests/support/postgres.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

/// Where parts are kept.
struct PartsEngine {
    const char* name;
    std::string (*address)(const std::filesystem::path& folder);
};

constexpr PartsEngine k_sqlite_parts = {
    "Sqlite", [](const std::filesystem::path& folder) { return (folder / "rows.db").string(); }};
constexpr PartsEngine k_postgres_parts = {"Postgres", test::postgres_of};

/// A row at work, and sessions of its owner and of helpers.
class FilmPartsTest : public ::testing::TestWithParam<PartsEngine> {
protected:
    FilmPartsTest() : address_(GetParam().address(dir_.path())), queue_(session(), "owner")
    {
        queue_.add(QueuedBatch{"b1", "batch", nlohmann::json::object()});
        QueuedRow row;
        row.batch = "b1";
        row.name = "film";
        row.film_key = "key";
        row.board = nlohmann::json::object();
        queue_.add({row}, {});
        row_ = queue_.claim("b1").value();
    }

    std::shared_ptr<Database> session() const { return open_database(address_, true); }
    std::unique_ptr<FilmParts> parts(const std::string& worker) const
    {
        return std::make_unique<FilmParts>(session(), "b1", "film", worker);
    }

    test::TempDir dir_;
    std::string address_;
    RowQueue queue_;
    QueuedRow row_;
};

INSTANTIATE_TEST_SUITE_P(Engines, FilmPartsTest, ::testing::Values(k_sqlite_parts, k_postgres_parts),
                         [](const auto& engine) { return std::string(engine.param.name); });

TEST_P(FilmPartsTest, OneMakesWhatIsOfferedAndNothingElse)
{
    const auto owner = parts("owner");
    const auto helper = parts("helper");
    EXPECT_FALSE(helper->claim("a")) << "not offered";
    owner->offer({"a", "b"});
    EXPECT_TRUE(helper->claim("a"));
    EXPECT_TRUE(helper->claim("a")) << "asked again, it is still ours";
    EXPECT_FALSE(owner->claim("a"));
    EXPECT_TRUE(owner->claim("b"));
    EXPECT_FALSE(helper->claim("b"));
    EXPECT_EQ(owner->made("a"), std::nullopt);

    helper->finish("a", "what it is");
    EXPECT_EQ(owner->made("a"), "what it is");
    EXPECT_FALSE(owner->claim("a")) << "it is made";
    owner->offer({"a"});
    EXPECT_EQ(owner->made("a"), "what it is") << "offered again, it stays";
    owner->reopen("a");
    EXPECT_EQ(owner->made("a"), std::nullopt);
    EXPECT_TRUE(owner->claim("a"));
}

TEST_P(FilmPartsTest, WhatAGoneHelperHadIsFreeAndItsWordCountsNoMore)
{
    const auto owner = parts("owner");
    auto helper = parts("helper");
    owner->offer({"a"});
    ASSERT_TRUE(helper->claim("a"));
    helper.reset();
    EXPECT_TRUE(owner->claim("a"));
    const auto late = parts("late");
    late->finish("a", "too late");
    EXPECT_EQ(owner->made("a"), std::nullopt);
}

TEST_P(FilmPartsTest, RowsWithOpenPartsAreFoundUntilTheRowEnds)
{
    const auto database = session();
    EXPECT_TRUE(rows_with_open_parts(*database, "").empty());
    const auto owner = parts("owner");
    owner->offer({"a", "b"});
    ASSERT_EQ(rows_with_open_parts(*database, "b1").size(), 1U);
    EXPECT_EQ(rows_with_open_parts(*database, "b1")[0].name, "film");
    EXPECT_EQ(rows_with_open_parts(*database, "")[0].parts, 2);
    EXPECT_TRUE(rows_with_open_parts(*database, "another").empty());

    const auto helper = parts("helper");
    ASSERT_TRUE(helper->claim("a"));
    EXPECT_EQ(rows_with_open_parts(*database, "")[0].parts, 1);
    row_.outcome = "done";
    queue_.finish(row_);
    EXPECT_TRUE(rows_with_open_parts(*database, "").empty());
    EXPECT_FALSE(helper->claim("b")) << "gone with its row";
}

} // namespace
} // namespace longtake
