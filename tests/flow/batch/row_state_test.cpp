#include "pipeline/flow/batch/row_state.h"

#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <chrono>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST(RowStateTest, IsWrittenAndReadBack)
{
    const test::TempDir dir;
    RowState state;
    state.number = 7;
    state.name = "mug";
    state.key = "k";
    state.outcome = "input";
    state.message = "no picture";
    state.tags = {{"cta", "Buy"}};
    state.paid = 0.28;
    write_atomic(dir.path() / "row.json", json(state).dump());
    const auto read = read_row_state(dir.path() / "row.json");
    ASSERT_TRUE(read);
    EXPECT_EQ(json(*read), json(state));
    EXPECT_FALSE(read->passing());
    EXPECT_FALSE(read_row_state(dir.path() / "none.json"));
    write_atomic(dir.path() / "row.json", "{\"schema\": \"longtake/row/1\"");
    EXPECT_FALSE(read_row_state(dir.path() / "row.json"));
}

TEST(RowStateTest, TheKeyIsOfAllAFilmDependsOn)
{
    const test::TempDir dir;
    const fs::path picture = dir.path() / "a.jpg";
    write_atomic(picture, "one");
    const json board = {{"shots", {{{"image", picture.string()}, {"seconds", 1}}}}};
    const std::string key = row_key(board, {"preview/360p"});
    EXPECT_EQ(row_key(board, {"preview/360p"}), key);
    EXPECT_NE(row_key(board, {"square/1080x1080"}), key);
    json other = board;
    other["shots"][0]["seconds"] = 2;
    EXPECT_NE(row_key(other, {"preview/360p"}), key);
    write_atomic(picture, "three");
    EXPECT_NE(row_key(board, {"preview/360p"}), key);
}

TEST(RowStateTest, FilmsThatWereChangedAreNotThere)
{
    const test::TempDir dir;
    const fs::path film = dir.path() / "a.mp4";
    write_atomic(film, "film");
    RowState state;
    Deliverable deliverable;
    deliverable.files = {{film, "", 4}};
    state.deliverables = {deliverable};
    write_atomic(dir.path() / "row.json", "{}");
    EXPECT_TRUE(files_are_there(state, dir.path() / "row.json"));
    fs::last_write_time(film, fs::last_write_time(film) + std::chrono::hours(1));
    EXPECT_FALSE(files_are_there(state, dir.path() / "row.json"));
    write_atomic(film, "another film");
    EXPECT_FALSE(files_are_there(state, dir.path() / "row.json"));
}

} // namespace
} // namespace longtake
